package io.flarepath.api.query.flamebearer;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.message.MessageWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree in Pyroscope's flamebearer form: levels of bars, each {@code dx, total, self} for every
 * side and then a name. dx counts from the end of the bar before; a parent's own value takes its
 * left end, then come its children by name, then "other".
 */
public final class Flamebearer {
    private final TruncatedTree truncated;
    private final NamedTree tree;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<long[]> levels = new ArrayList<>();
    private long maxSelf;

    /** A bar that is still to be written; node -1 is an "other" of its parent. */
    private record Bar(int node, int above, long[] left) {}

    /** Numbers that come one by one. */
    private static final class Numbers {
        private long[] values = new long[16];
        private int size;

        void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        long[] all() {
            return Arrays.copyOf(values, size);
        }
    }

    private Flamebearer(TruncatedTree truncated) {
        this.truncated = truncated;
        this.tree = truncated.tree();
        List<Bar> level = List.of(new Bar(0, -1, new long[tree.sides()]));
        while (!level.isEmpty()) {
            level = addLevel(level);
        }
    }

    /**
     * Lays out a tree.
     *
     * @param maxNodes about how many nodes are shown
     * @param hardLimit at most so many, "other" aside
     */
    public static Flamebearer of(NamedTree tree, int maxNodes, int hardLimit) {
        return new Flamebearer(TruncatedTree.of(tree, maxNodes, hardLimit));
    }

    /** Writes it as the field {@code flamebearer} of /pyroscope/render. */
    public void write(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("flamebearer");
        json.writeArrayFieldStart("levels");
        for (long[] level : levels) {
            json.writeArray(level, 0, level.length);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("names");
        for (String name : names) {
            json.writeString(name);
        }
        json.writeEndArray();
        json.writeNumberField("numTicks", ticks());
        json.writeNumberField("maxSelf", maxSelf);
        json.writeEndObject();
    }

    /** Writes the fields of a querier.v1.FlameGraph, and with two sides of a FlameGraphDiff. */
    public void write(MessageWriter out) throws IOException {
        out.strings(1, "names", names);
        out.messages(2, "levels", levels, (level, inner) -> inner.int64s(1, "values", level));
        out.int64(3, "total", ticks());
        out.int64(4, "maxSelf", maxSelf);
        if (tree.sides() == 2) {
            out.int64(5, "leftTicks", tree.total(0, 0));
            out.int64(6, "rightTicks", tree.total(1, 0));
        }
    }

    private long ticks() {
        long ticks = 0;
        for (int side = 0; side < tree.sides(); side++) {
            ticks += tree.total(side, 0);
        }
        return ticks;
    }

    /** Adds one level and returns the bars of the next. */
    private List<Bar> addLevel(List<Bar> level) {
        List<Bar> next = new ArrayList<>();
        long[] end = new long[tree.sides()];
        Numbers values = new Numbers();
        for (Bar bar : level) {
            for (int side = 0; side < end.length; side++) {
                long total = total(bar, side);
                long self = bar.node < 0 ? total : tree.self(side, bar.node);
                values.add(bar.left[side] - end[side]);
                values.add(total);
                values.add(self);
                end[side] = bar.left[side] + total;
                maxSelf = Math.max(maxSelf, self);
            }
            values.add(nameNumber(bar.node < 0 ? TruncatedTree.OTHER : tree.name(bar.node)));
            if (bar.node >= 0) {
                addChildren(bar, next);
            }
        }
        levels.add(values.all());
        return next;
    }

    private void addChildren(Bar bar, List<Bar> next) {
        long[] left = bar.left.clone();
        for (int side = 0; side < left.length; side++) {
            left[side] += tree.self(side, bar.node);
        }
        for (int child : truncated.children(bar.node)) {
            add(new Bar(child, bar.node, left.clone()), next, left);
        }
        if (truncated.isCut(bar.node)) {
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
        return bar.node < 0 ? truncated.cut(side, bar.above) : tree.total(side, bar.node);
    }

    private int nameNumber(String name) {
        Integer known = numbers.putIfAbsent(name, names.size());
        if (known != null) {
            return known;
        }
        names.add(name);
        return names.size() - 1;
    }
}
