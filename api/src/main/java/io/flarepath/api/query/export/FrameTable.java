package io.flarepath.api.query.export;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.query.FlameTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The locations of a tree's nodes, as pprof has them: a frame together with the callers that it was
 * inlined into. Numbers count from 1, as ids do.
 */
final class FrameTable {
    private final FlameTree tree;

    /** The location that starts at a node; 0 for the root. */
    private final int[] locationOf;

    private final List<List<Frame>> locations = new ArrayList<>();
    private final Map<Key, Integer> numbers = new HashMap<>();

    /** A frame and the location that it was inlined into, 0 for none. */
    private record Key(Frame frame, int into) {}

    FrameTable(FlameTree tree) {
        this.tree = tree;
        this.locationOf = new int[tree.size()];
        for (int node = 1; node < locationOf.length; node++) {
            int into = isInlined(node) ? locationOf[tree.parent(node)] : 0;
            // A pprof has no word for these two, which would make two locations of one.
            Frame sure = tree.frame(node).withLowConfidence(false).withApproximateLine(false);
            locationOf[node] = number(sure, into);
        }
    }

    private boolean isInlined(int node) {
        return !tree.isOther(node) && tree.frame(node).inlined();
    }

    private int number(Frame frame, int into) {
        Key key = new Key(frame, into);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        List<Frame> lines = new ArrayList<>();
        lines.add(frame);
        if (into > 0) {
            lines.addAll(locations.get(into - 1));
        }
        locations.add(lines);
        numbers.put(key, locations.size());
        return locations.size();
    }

    /** The frames of each location, innermost first. */
    List<List<Frame>> locations() {
        return locations;
    }

    /** The locations of the stack that ends in a node, leaf first. */
    long[] stack(int node) {
        long[] stack = new long[16];
        int depth = 0;
        for (int at = node; at > 0; at = tree.parent(outermost(at))) {
            if (depth == stack.length) {
                stack = Arrays.copyOf(stack, depth * 2);
            }
            stack[depth++] = locationOf[at];
        }
        return Arrays.copyOf(stack, depth);
    }

    /** The node of the function that the calls at a node were inlined into. */
    private int outermost(int node) {
        int at = node;
        while (isInlined(at) && tree.parent(at) > 0) {
            at = tree.parent(at);
        }
        return at;
    }

    /** A location without the line of its innermost frame; made when there is none yet. */
    int withoutLine(int location) {
        List<Frame> lines = locations.get(location - 1);
        Frame leaf = lines.getFirst();
        Frame without =
                new Frame(
                                leaf.function(),
                                leaf.file(),
                                0,
                                leaf.mapping(),
                                leaf.buildId(),
                                leaf.address(),
                                leaf.kind(),
                                leaf.inlined(),
                                false,
                                leaf.fileOffset())
                        .withStartLine(leaf.startLine());
        int into = 0;
        if (lines.size() > 1) {
            List<Frame> rest = lines.subList(1, lines.size());
            into = number(rest);
        }
        return number(without, into);
    }

    private int number(List<Frame> lines) {
        int into = lines.size() > 1 ? number(lines.subList(1, lines.size())) : 0;
        return number(lines.getFirst(), into);
    }
}
