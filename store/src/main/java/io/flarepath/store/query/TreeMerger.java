package io.flarepath.store.query;

import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.dictionary.DictionaryView;
import io.flarepath.store.dictionary.LostPiece;
import io.flarepath.store.profile.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Turns sums by stack number into a tree by frames; several dictionaries join in one tree. Frames
 * that have an address alone are named on the way, so that two addresses of one function become one
 * node, whoever asks. One thread.
 */
public final class TreeMerger {
    private static final int UNKNOWN = -1;

    private final TreeBuilder builder;
    private final LateNames names;
    private final String tenant;

    /** A merger that leaves frames as they were stored. */
    public TreeMerger() {
        this(LateNames.NONE, "", false);
    }

    /**
     * A merger of a tenant's profiles that names what has an address alone.
     *
     * @param lines whether lines tell frames apart
     */
    public TreeMerger(LateNames names, String tenant, boolean lines) {
        this.builder = new TreeBuilder(lines);
        this.names = names;
        this.tenant = tenant;
    }

    /** Adds the sums of one dictionary; numbers that it does not know have lost their names. */
    public void add(DictionaryView dictionary, StackSums sums) {
        int nodes = dictionary.nodeCount();
        long[] selfs = new long[nodes];
        boolean[] used = new boolean[nodes];
        long lost = 0;
        for (int stack = 0; stack < sums.size(); stack++) {
            long sum = sums.get(stack);
            int node =
                    sum == 0 || stack >= dictionary.stackCount()
                            ? -1
                            : dictionary.nodeOfStack(stack);
            if (node < 0) {
                lost = Math.addExact(lost, sum);
            } else {
                selfs[node] = sum;
                used[node] = true;
            }
        }
        for (int node = nodes - 1; node > 0; node--) {
            used[dictionary.parent(node)] |= used[node];
        }
        translate(dictionary, selfs, used);
        if (lost > 0) {
            builder.addSelf(builder.child(0, LostPiece.FRAME), lost);
        }
    }

    private void translate(DictionaryView dictionary, long[] selfs, boolean[] used) {
        int[] places = new int[selfs.length];
        Translation translation = new Translation(dictionary);
        builder.addSelf(0, selfs[0]);
        for (int node = 1; node < selfs.length; node++) {
            if (used[node]) {
                int above = places[dictionary.parent(node)];
                places[node] = translation.child(above, dictionary.frameOfNode(node));
                builder.addSelf(places[node], selfs[node]);
            }
        }
    }

    /** The builder's numbers for the frames of one dictionary, found out at first use. */
    private final class Translation {
        private final DictionaryView dictionary;

        /** By frame: UNKNOWN, a number, or below UNKNOWN an index of {@link #calls}. */
        private final int[] numbers;

        private final boolean[] low;

        /** Numbers from the function to the innermost inlined call. */
        private final List<int[]> calls = new ArrayList<>();

        Translation(DictionaryView dictionary) {
            this.dictionary = dictionary;
            this.numbers = new int[dictionary.frameCount()];
            this.low = new boolean[numbers.length];
            Arrays.fill(numbers, UNKNOWN);
        }

        /** The node for a frame below another; where it is several calls, that of the innermost. */
        int child(int above, int frame) {
            if (frame < 0) {
                return builder.childOf(above, builder.number(LostPiece.FRAME), false);
            }
            if (numbers[frame] == UNKNOWN) {
                find(frame);
            }
            int number = numbers[frame];
            if (number >= 0) {
                return builder.childOf(above, number, low[frame]);
            }
            int node = above;
            for (int each : calls.get(UNKNOWN - 1 - number)) {
                node = builder.childOf(node, each, low[frame]);
            }
            return node;
        }

        private void find(int number) {
            Frame frame = dictionary.frame(number);
            low[number] = frame.lowConfidence();
            List<Frame> named =
                    frame.canBeNamedLater() ? names.of(tenant, frame) : List.<Frame>of();
            if (named.size() <= 1) {
                numbers[number] = builder.number(named.isEmpty() ? frame : named.getFirst());
                return;
            }
            int[] chain = new int[named.size()];
            for (int i = 0; i < chain.length; i++) {
                chain[i] = builder.number(named.get(chain.length - 1 - i));
            }
            numbers[number] = UNKNOWN - 1 - calls.size();
            calls.add(chain);
        }
    }

    /** The tree of everything that was added. */
    public FlameTree tree(long samples) {
        return builder.build(samples);
    }
}
