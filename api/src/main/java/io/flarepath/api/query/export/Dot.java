package io.flarepath.api.query.export;

import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.store.profile.ProfileType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A call graph in the language of Graphviz: one box a function with its own and its whole value,
 * one arrow a pair of caller and callee. Recursion counts once.
 */
public final class Dot {
    private static final double LEAST_FONT = 8;
    private static final double MORE_FONT = 50;

    private final NamedTree tree;
    private final String unit;
    private final Map<String, Sums> functions = new HashMap<>();

    private static final class Sums {
        private long own;
        private long whole;
    }

    private record Call(String caller, String callee) {}

    private Dot(NamedTree tree, String unit) {
        this.tree = tree;
        this.unit = unit;
    }

    /**
     * The graph of a tree's largest functions; empty for an empty tree.
     *
     * @param maxNodes most boxes
     */
    public static String of(NamedTree tree, ProfileType type, int maxNodes) {
        return tree.total(0, 0) == 0 ? "" : new Dot(tree, type.sampleUnit()).graph(type, maxNodes);
    }

    private String graph(ProfileType type, int maxNodes) {
        Map<Call, Long> calls = new HashMap<>();
        for (int node = 1; node < tree.size(); node++) {
            Sums sums = functions.computeIfAbsent(tree.name(node), name -> new Sums());
            sums.own += tree.self(0, node);
            if (!isRecursive(node, tree.name(node))) {
                sums.whole += tree.total(0, node);
            }
        }
        Map<String, Integer> shown = shown(maxNodes);
        for (int node = 1; node < tree.size(); node++) {
            int above = tree.parent(node);
            while (above > 0 && !shown.containsKey(tree.name(above))) {
                above = tree.parent(above);
            }
            if (above > 0 && shown.containsKey(tree.name(node))) {
                Call call = new Call(tree.name(above), tree.name(node));
                if (!isRepeated(above, call)) {
                    calls.merge(call, tree.total(0, node), Long::sum);
                }
            }
        }
        StringBuilder text = new StringBuilder(256);
        text.append("digraph ").append(quoted(type.id())).append(" {\n");
        text.append("node [style=filled fillcolor=\"#f8f8f8\" shape=box]\n");
        shown.forEach((name, number) -> box(text, name, number));
        calls.entrySet().stream()
                .sorted(
                        Map.Entry.<Call, Long>comparingByValue()
                                .reversed()
                                .thenComparing(each -> each.getKey().toString()))
                .forEach(each -> arrow(text, shown, each.getKey(), each.getValue()));
        return text.append("}\n").toString();
    }

    private boolean isRecursive(int node, String name) {
        for (int above = tree.parent(node); above > 0; above = tree.parent(above)) {
            if (tree.name(above).equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the same call stands further up: then the value is in that one. */
    private boolean isRepeated(int caller, Call call) {
        boolean seen = false;
        for (int above = caller; above > 0; above = tree.parent(above)) {
            String name = tree.name(above);
            if (seen && name.equals(call.caller)) {
                return true;
            }
            seen = name.equals(call.callee);
        }
        return false;
    }

    private Map<String, Integer> shown(int maxNodes) {
        List<String> names = new ArrayList<>(functions.keySet());
        names.sort(
                Comparator.comparingLong((String name) -> sums(name).whole)
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()));
        Map<String, Integer> shown = new LinkedHashMap<>();
        for (String name : names.subList(0, Math.min(maxNodes, names.size()))) {
            shown.put(name, shown.size() + 1);
        }
        return shown;
    }

    private Sums sums(String name) {
        return functions.getOrDefault(name, new Sums());
    }

    private void box(StringBuilder text, String name, int number) {
        Sums sums = sums(name);
        double share = (double) sums.own / tree.total(0, 0);
        String label = name + "\n" + sums.own + " " + unit + " (" + percent(sums.own) + ")";
        if (sums.whole != sums.own) {
            label += "\nof " + sums.whole + " (" + percent(sums.whole) + ")";
        }
        text.append(
                "N%d [label=%s fontsize=%d]\n"
                        .formatted(
                                number,
                                quoted(label),
                                Math.round(LEAST_FONT + MORE_FONT * Math.sqrt(share))));
    }

    private void arrow(StringBuilder text, Map<String, Integer> shown, Call call, long value) {
        double share = (double) value / tree.total(0, 0);
        text.append(
                "N%d -> N%d [label=%s weight=%d penwidth=%d]\n"
                        .formatted(
                                shown.get(call.caller),
                                shown.get(call.callee),
                                quoted(" " + value + " " + unit),
                                1 + (int) (share * 100),
                                1 + (int) (share * 5)));
    }

    private String percent(long value) {
        return String.format(Locale.ROOT, "%.2f%%", 100.0 * value / tree.total(0, 0));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
