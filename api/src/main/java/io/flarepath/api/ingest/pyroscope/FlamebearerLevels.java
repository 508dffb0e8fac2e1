package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads the levels of a flame graph (Pyroscope, pkg/model/flamegraph.go) into a tree. A level is
 * bars from left to right, each {@code dx, total, self, name}: dx counts from the end of the bar
 * before, and what a bar belongs to is the bar of the level above that spans it. Used by one
 * thread.
 */
final class FlamebearerLevels {
    private static final int BYTES_A_BAR = 40;

    private final ExpectedJson json;
    private final FlamebearerOutline outline;
    private final CallTree tree;
    private final UploadMemory memory;
    private Level above = new Level();
    private Level level = new Level();
    private int depth;

    /** Numbers of the bar that is being read, and how many of them are known. */
    private final long[] bar = new long[4];

    private int given;

    /** Where the level ends so far, and which bar of the level above was the last one's. */
    private long end;

    private int parent;

    /** Bars of one level, without those of no width. */
    private static final class Level {
        private long[] starts = new long[16];
        private long[] ends = new long[16];
        private int[] nodes = new int[16];
        private int size;
    }

    FlamebearerLevels(
            ExpectedJson json, FlamebearerOutline outline, CallTree tree, UploadMemory memory) {
        this.json = json;
        this.outline = outline;
        this.tree = tree;
        this.memory = memory;
    }

    /**
     * Reads all of them.
     *
     * @throws ApiError 422 when a bar lies below none, or its numbers contradict each other
     */
    void read() throws IOException {
        json.array(
                "flamebearer.levels",
                () -> {
                    level.size = 0;
                    readLevel();
                    Level read = level;
                    level = above;
                    above = read;
                    depth++;
                });
    }

    private void readLevel() throws IOException {
        given = 0;
        end = 0;
        parent = 0;
        json.array(
                "a level",
                () -> {
                    bar[given++] = json.whole("a number of flamebearer.levels");
                    if (given == bar.length) {
                        given = 0;
                        long start = sum(end, bar[0]);
                        end = sum(start, bar[1]);
                        add(start, bar[2], bar[3]);
                    }
                });
        if (given != 0) {
            throw ApiError.unreadable(
                    "level " + depth + " must have four numbers a bar, and has some left over");
        }
    }

    /** Adds the bar that ends where the level does so far. */
    private void add(long start, long self, long name) {
        if (name >= outline.names()) {
            throw wrong("name " + name + " of " + outline.names());
        }
        if (self > end - start) {
            throw wrong("more of its own than in all");
        }
        if (start == end) {
            return;
        }
        int node = CallTree.ROOT;
        if (depth > 0) {
            node = tree.child(above.nodes[parentOf(start)], outline.frame((int) name));
        }
        tree.add(node, self);
        if (level.size == level.nodes.length) {
            int length = 2 * level.size;
            memory.charge((long) BYTES_A_BAR * length);
            level.starts = Arrays.copyOf(level.starts, length);
            level.ends = Arrays.copyOf(level.ends, length);
            level.nodes = Arrays.copyOf(level.nodes, length);
        }
        level.starts[level.size] = start;
        level.ends[level.size] = end;
        level.nodes[level.size++] = node;
    }

    private int parentOf(long start) {
        while (parent < above.size && above.ends[parent] <= start) {
            parent++;
        }
        if (parent == above.size || start < above.starts[parent] || end > above.ends[parent]) {
            throw wrong("no bar above it that spans it");
        }
        return parent;
    }

    private long sum(long a, long b) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException e) {
            throw wrong("an end beyond 2^63");
        }
    }

    private ApiError wrong(String what) {
        return ApiError.unreadable("a bar of level " + depth + " has " + what);
    }
}
