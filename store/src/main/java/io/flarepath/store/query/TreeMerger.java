package io.flarepath.store.query;

import io.flarepath.store.dictionary.DictionaryView;
import io.flarepath.store.dictionary.LostPiece;
import java.util.Arrays;

/**
 * Turns sums by stack number into a tree by frames; several dictionaries join in one tree. One
 * thread.
 */
public final class TreeMerger {
    private final TreeBuilder builder = new TreeBuilder();

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
        int[] numbers = new int[dictionary.frameCount()];
        Arrays.fill(numbers, -1);
        builder.addSelf(0, selfs[0]);
        for (int node = 1; node < selfs.length; node++) {
            if (!used[node]) {
                continue;
            }
            int frame = dictionary.frameOfNode(node);
            int number;
            if (frame < 0) {
                number = builder.number(LostPiece.FRAME);
            } else if (numbers[frame] >= 0) {
                number = numbers[frame];
            } else {
                number = builder.number(dictionary.frame(frame));
                numbers[frame] = number;
            }
            places[node] = builder.childOf(places[dictionary.parent(node)], number);
            builder.addSelf(places[node], selfs[node]);
        }
    }

    /** The tree of everything that was added. */
    public FlameTree tree(long samples) {
        return builder.build(samples);
    }
}
