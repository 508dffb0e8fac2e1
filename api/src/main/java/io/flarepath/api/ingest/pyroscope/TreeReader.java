package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads the format {@code tree}: a node is a frame, its value is what the stack that ends there
 * counts. The root has no name. A root with a name is a frame here; the reference takes its first
 * letter away.
 */
final class TreeReader {
    private static final int BYTES_A_LEVEL = 12;

    private final CallTree tree;
    private final FrameNames names;
    private final UploadMemory memory;

    /** Of each open node: how many children are still to come, and its node in the tree. */
    private long[] due = new long[64];

    private int[] nodes = new int[64];

    TreeReader(CallTree tree, FrameNames names, UploadMemory memory) {
        this.tree = tree;
        this.names = names;
        this.memory = memory;
    }

    /**
     * Reads the tree.
     *
     * @throws ApiError 422 for what is none, 400 for one that is too deep
     */
    void read(InputStream in, Dropped dropped) throws IOException {
        NodeInput input = new NodeInput(in);
        int depth = open(input, 0, CallTree.ROOT);
        while (depth > 0) {
            if (due[depth - 1] == 0) {
                depth--;
                continue;
            }
            due[depth - 1]--;
            depth = open(input, depth, nodes[depth - 1]);
        }
        input.end();
        dropped.count("stack-without-frames", tree.rootCount());
    }

    private int open(NodeInput input, int depth, int parent) throws IOException {
        input.next();
        int node =
                input.nameLength() == 0
                        ? parent
                        : tree.child(parent, names.number(input.name(), 0, input.nameLength()));
        tree.add(node, input.value());
        if (depth == due.length) {
            memory.charge((long) BYTES_A_LEVEL * depth);
            due = Arrays.copyOf(due, 2 * depth);
            nodes = Arrays.copyOf(nodes, 2 * depth);
        }
        due[depth] = input.children();
        nodes[depth] = node;
        return depth + 1;
    }
}
