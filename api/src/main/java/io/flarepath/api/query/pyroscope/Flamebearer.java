package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree in Pyroscope's flamebearer form: levels of bars, each {@code dx, total, self} for every
 * side and then a name. dx counts from the end of the bar before; a parent's own value takes its
 * left end, then come its children by name, then "other".
 */
final class Flamebearer {
    private static final String OTHER = "other";

    private final NamedTree tree;
    private final List<List<Integer>> children;
    private final long[][] cut;
    private final Map<String, Integer> names = new HashMap<>();
    private final List<String> nameList = new ArrayList<>();
    private long maxSelf;

    /** A bar that is still to be written; node -1 is an "other" of its parent. */
    private record Bar(int node, int above, long[] left) {}

    private Flamebearer(NamedTree tree, long least) {
        this.tree = tree;
        this.children = new ArrayList<>(java.util.Collections.nCopies(tree.size(), List.of()));
        this.cut = new long[tree.sides()][tree.size()];
        boolean[] kept = new boolean[tree.size()];
        kept[0] = true;
        for (int node = 1; node < tree.size(); node++) {
            int parent = tree.parent(node);
            if (!kept[parent]) {
                continue;
            }
            if (tree.largestTotal(node) >= least && !tree.name(node).equals(OTHER)) {
                kept[node] = true;
                if (children.get(parent).isEmpty()) {
                    children.set(parent, new ArrayList<>(2));
                }
                children.get(parent).add(node);
            } else {
                for (int side = 0; side < cut.length; side++) {
                    cut[side][parent] += tree.total(side, node);
                }
            }
        }
    }

    /**
     * Writes a tree as the field {@code flamebearer}.
     *
     * @param maxNodes about how many nodes are written
     * @param hardLimit at most so many, "other" aside
     */
    static void write(JsonGenerator json, NamedTree tree, int maxNodes, int hardLimit)
            throws IOException {
        new Flamebearer(tree, Threshold.of(tree, maxNodes, hardLimit)).write(json);
    }

    private void write(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("flamebearer");
        json.writeArrayFieldStart("levels");
        List<Bar> level = List.of(new Bar(0, -1, new long[tree.sides()]));
        while (!level.isEmpty()) {
            level = writeLevel(json, level);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("names");
        for (String name : nameList) {
            json.writeString(name);
        }
        json.writeEndArray();
        long ticks = 0;
        for (int side = 0; side < tree.sides(); side++) {
            ticks += tree.total(side, 0);
        }
        json.writeNumberField("numTicks", ticks);
        json.writeNumberField("maxSelf", maxSelf);
        json.writeEndObject();
    }

    /** Writes one level and returns the bars of the next. */
    private List<Bar> writeLevel(JsonGenerator json, List<Bar> level) throws IOException {
        List<Bar> next = new ArrayList<>();
        long[] end = new long[tree.sides()];
        json.writeStartArray();
        for (Bar bar : level) {
            for (int side = 0; side < end.length; side++) {
                long total = total(bar, side);
                long self = bar.node < 0 ? total : tree.self(side, bar.node);
                json.writeNumber(bar.left[side] - end[side]);
                json.writeNumber(total);
                json.writeNumber(self);
                end[side] = bar.left[side] + total;
                maxSelf = Math.max(maxSelf, self);
            }
            json.writeNumber(nameNumber(bar.node < 0 ? OTHER : tree.name(bar.node)));
            if (bar.node >= 0) {
                addChildren(bar, next);
            }
        }
        json.writeEndArray();
        return next;
    }

    private void addChildren(Bar bar, List<Bar> next) {
        long[] left = bar.left.clone();
        for (int side = 0; side < left.length; side++) {
            left[side] += tree.self(side, bar.node);
        }
        List<Integer> below = children.get(bar.node);
        if (below.size() > 1) {
            below.sort(Comparator.comparing(tree::name));
        }
        for (int child : below) {
            add(new Bar(child, bar.node, left.clone()), next, left);
        }
        boolean anyCut = false;
        for (long[] column : cut) {
            anyCut |= column[bar.node] > 0;
        }
        if (anyCut) {
            add(new Bar(-1, bar.node, left.clone()), next, left);
        }
    }

    private void add(Bar bar, List<Bar> next, long[] left) {
        next.add(bar);
        for (int side = 0; side < left.length; side++) {
            left[side] += total(bar, side);
        }
    }

    private long total(Bar bar, int side) {
        return bar.node < 0 ? cut[side][bar.above] : tree.total(side, bar.node);
    }

    private int nameNumber(String name) {
        Integer known = names.putIfAbsent(name, nameList.size());
        if (known != null) {
            return known;
        }
        nameList.add(name);
        return nameList.size() - 1;
    }
}
