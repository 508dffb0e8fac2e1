package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import java.util.Collection;

/**
 * A dictionary as it was at one moment. Immutable: the columns only ever grow behind its bounds.
 */
public final class DictionaryView {
    /** A view of nothing. */
    public static final DictionaryView EMPTY =
            new DictionaryView(
                    new String[0],
                    new long[0],
                    new long[0],
                    0,
                    1,
                    new int[] {-1},
                    new int[] {-1},
                    0,
                    new int[0]);

    private final String[] strings;
    private final long[] functions;
    private final long[] frames;
    private final int frameCount;
    private final int nodeCount;
    private final int[] parents;
    private final int[] labels;
    private final int stackCount;
    private final int[] stackNodes;

    DictionaryView(
            String[] strings,
            long[] functions,
            long[] frames,
            int frameCount,
            int nodeCount,
            int[] parents,
            int[] labels,
            int stackCount,
            int[] stackNodes) {
        this.strings = strings;
        this.functions = functions;
        this.frames = frames;
        this.frameCount = frameCount;
        this.nodeCount = nodeCount;
        this.parents = parents;
        this.labels = labels;
        this.stackCount = stackCount;
        this.stackNodes = stackNodes;
    }

    /** Number of stacks; their numbers are dense. */
    public int stackCount() {
        return stackCount;
    }

    /** The node where a stack ends; -1 when its names are lost. */
    public int nodeOfStack(int stack) {
        return stackNodes[stack];
    }

    /** Number of nodes; node 0 is the root. */
    public int nodeCount() {
        return nodeCount;
    }

    /** The parent of a node, which has a smaller number; -1 for the root. */
    public int parent(int node) {
        return parents[node];
    }

    /** The number of a node's frame; -1 when it is lost. */
    public int frameOfNode(int node) {
        return labels[node];
    }

    /** Number of frames. */
    public int frameCount() {
        return frameCount;
    }

    /** Adds the frames of a build that have an address alone. */
    public void addUnnamed(String buildId, Collection<Frame> target) {
        for (int number = 0; number < frameCount; number++) {
            long function = frames[number * 4];
            if (frames[number * 4 + 2] == 0 || function < 0 || functions[(int) function * 5] < 0) {
                continue;
            }
            // Build-ids are written in both cases.
            String build = strings[(int) functions[(int) function * 5 + 3]];
            if (build.equalsIgnoreCase(buildId)) {
                target.add(frame(number));
            }
        }
    }

    /** A frame by its number; {@link LostPiece#FRAME} when its names are lost. */
    public Frame frame(int number) {
        int at = number * 4;
        if (number < 0 || frames[at] < 0) {
            return LostPiece.FRAME;
        }
        int function = (int) frames[at] * 5;
        if (functions[function] < 0) {
            return LostPiece.FRAME;
        }
        return new Frame(
                        strings[(int) functions[function]],
                        strings[(int) functions[function + 1]],
                        (int) frames[at + 1],
                        strings[(int) functions[function + 2]],
                        strings[(int) functions[function + 3]],
                        frames[at + 2],
                        FrameKind.ofCode((int) functions[function + 4]),
                        FrameFlags.inlined(frames[at + 3]),
                        FrameFlags.lowConfidence(frames[at + 3]),
                        FrameFlags.fileOffset(frames[at + 3]),
                        FrameFlags.startLine(frames[at + 3]))
                .withApproximateLine(FrameFlags.approximateLine(frames[at + 3]));
    }
}
