package io.flarepath.agent.unwind;

import io.flarepath.bpf.UnwindLayout;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules that all executables share, each there once. A rule that no executable uses any more
 * makes room for another one. For one thread.
 */
final class RuleDictionary {
    /** The twelve bytes of a rule. Comparable, so that equal hashes cost little. */
    private record Rule(long first, int rest) implements Comparable<Rule> {
        @Override
        public int compareTo(Rule other) {
            int order = Long.compare(first, other.first);
            return order == 0 ? Integer.compare(rest, other.rest) : order;
        }

        boolean isUnknown() {
            return first == 0 && rest == 0;
        }

        static Rule of(ByteBuffer bytes) {
            return new Rule(bytes.getLong(0), bytes.getInt(Long.BYTES));
        }
    }

    private final ByteBuffer memory;
    private final Map<Rule, Integer> numbers = new HashMap<>();
    private final @Nullable Rule[] rules = new @Nullable Rule[UnwindLayout.RULES];
    private final int[] users = new int[UnwindLayout.RULES];
    private final BitSet taken = new BitSet(UnwindLayout.RULES);
    private long refused;

    RuleDictionary(ByteBuffer memory) {
        this.memory = memory;
        taken.set(0); // the unknown one
    }

    /**
     * The number of a rule, for one more user.
     *
     * @param rule little-endian, its twelve bytes from index 0
     * @return 0, the number of the unknown rule, if there is no room
     */
    int acquire(ByteBuffer rule) {
        Rule wanted = Rule.of(rule);
        if (wanted.isUnknown()) {
            return 0;
        }
        Integer known = numbers.get(wanted);
        int number = known == null ? add(wanted) : known;
        if (number > 0) {
            users[number]++;
        }
        return number;
    }

    private int add(Rule rule) {
        int number = taken.nextClearBit(0);
        if (number >= UnwindLayout.RULES) {
            refused++;
            return 0;
        }
        taken.set(number);
        numbers.put(rule, number);
        rules[number] = rule;
        int at = number * UnwindLayout.RULE_BYTES;
        memory.putLong(at, rule.first);
        memory.putInt(at + Long.BYTES, rule.rest);
        return number;
    }

    /** Whether a rule has a number. */
    boolean has(ByteBuffer rule) {
        Rule wanted = Rule.of(rule);
        return wanted.isUnknown() || numbers.containsKey(wanted);
    }

    /** Rules that there is room for. */
    int free() {
        return UnwindLayout.RULES - size();
    }

    /** One user less of a rule. */
    void release(int number) {
        if (number > 0 && --users[number] == 0) {
            numbers.remove(rules[number]);
            rules[number] = null;
            taken.clear(number);
        }
    }

    /** Rules that are used, the unknown one included. */
    int size() {
        return taken.cardinality();
    }

    /** Rules that became unknown since there was no room. */
    long refused() {
        return refused;
    }
}
