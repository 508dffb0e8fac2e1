package io.flarepath.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Services whose JVMs are recorded all the time, and what is recorded of each. Written as {@code
 * checkout:allocations,locks,pay-*:cpu}: a word with a colon begins with the pattern of a service,
 * and the words up to the next one are what is recorded of it.
 *
 * @param rules the first whose pattern matches a service counts
 */
public record RecordedServices(List<Rule> rules) {
    /** What can be recorded. */
    static final List<String> KINDS = List.of("cpu", "wall", "allocations", "live", "locks");

    private static final int MOST = 1_000;
    private static final int LONGEST = 1_000;

    /**
     * What is recorded of some services.
     *
     * @param services a pattern of their names, as of {@link Globs}
     * @param kinds some of cpu, wall, allocations, live, locks
     */
    public record Rule(String services, List<String> kinds) {
        public Rule {
            kinds = List.copyOf(kinds);
        }
    }

    public RecordedServices {
        rules = List.copyOf(rules);
    }

    /**
     * Reads the words of a list.
     *
     * @throws IllegalArgumentException if they are not as described
     */
    static RecordedServices parse(List<String> words) {
        List<Rule> rules = new ArrayList<>();
        String services = "";
        List<String> kinds = new ArrayList<>();
        for (String word : words) {
            int colon = word.lastIndexOf(':');
            if (colon >= 0) {
                add(rules, services, kinds);
                services = word.substring(0, colon).strip();
                kinds.clear();
            }
            String kind = word.substring(colon + 1).strip();
            if (services.isEmpty() || services.length() > LONGEST || !KINDS.contains(kind)) {
                throw new IllegalArgumentException("not a service and its kinds");
            }
            kinds.add(kind);
        }
        add(rules, services, kinds);
        return new RecordedServices(rules);
    }

    private static void add(List<Rule> rules, String services, List<String> kinds) {
        if (kinds.isEmpty()) {
            return;
        }
        if (rules.size() == MOST || Set.copyOf(kinds).size() < kinds.size()) {
            throw new IllegalArgumentException("too many, or one twice");
        }
        rules.add(new Rule(services, kinds));
    }

    /** Whether nothing is recorded. */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** What is recorded of a service; empty for nothing. */
    public List<String> kinds(String service) {
        for (Rule rule : rules) {
            if (new Globs(List.of(rule.services())).matches(service)) {
                return rule.kinds();
            }
        }
        return List.of();
    }
}
