package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads the format {@code trie}: the names of all nodes down to one, put together, are a stack,
 * {@code root;…;leaf}. A frame may so be spread over several nodes, and is known when its end is.
 */
final class TrieReader {
    private static final int BYTES_A_LEVEL = 20;

    private final CallTree tree;
    private final FrameNames names;
    private final UploadMemory memory;

    /** All that the open nodes hold. */
    private byte[] path = new byte[4096];

    /**
     * Of each open node: children still to come; where its text ends in the path; where the frame
     * begins that has no end yet; the stack of the frames before that.
     */
    private long[] due = new long[64];

    private int[] ends = new int[64];
    private int[] begins = new int[64];
    private int[] stacks = new int[64];

    TrieReader(CallTree tree, FrameNames names, UploadMemory memory) {
        this.tree = tree;
        this.names = names;
        this.memory = memory;
    }

    /**
     * Reads the trie.
     *
     * @throws ApiError 422 for what is none, 400 for a stack that is too deep
     */
    void read(InputStream in, Dropped dropped) throws IOException {
        NodeInput input = new NodeInput(in);
        int depth = open(input, 0, 0, 0, CallTree.ROOT);
        while (depth > 0) {
            int top = depth - 1;
            if (due[top] == 0) {
                depth = top;
                continue;
            }
            due[top]--;
            depth = open(input, depth, ends[top], begins[top], stacks[top]);
        }
        input.end();
        dropped.count("stack-without-frames", tree.rootCount());
    }

    private int open(NodeInput input, int depth, int end, int begin, int stack) throws IOException {
        input.next();
        int newEnd = append(input, end);
        int newBegin = begin;
        int newStack = stack;
        for (int i = end; i < newEnd; i++) {
            if (path[i] == ';') {
                newStack = called(newStack, newBegin, i);
                newBegin = i + 1;
            }
        }
        if (input.value() > 0) {
            tree.add(called(newStack, newBegin, newEnd), input.value());
        }
        if (depth == due.length) {
            growLevels();
        }
        due[depth] = input.children();
        ends[depth] = newEnd;
        begins[depth] = newBegin;
        stacks[depth] = newStack;
        return depth + 1;
    }

    private int append(NodeInput input, int end) {
        int newEnd = end + input.nameLength();
        if (newEnd > path.length) {
            memory.charge(2L * newEnd);
            path = Arrays.copyOf(path, 2 * newEnd);
        }
        System.arraycopy(input.name(), 0, path, end, input.nameLength());
        return newEnd;
    }

    private int called(int stack, int begin, int end) {
        return begin == end ? stack : tree.child(stack, names.number(path, begin, end));
    }

    private void growLevels() {
        memory.charge((long) BYTES_A_LEVEL * due.length);
        int length = 2 * due.length;
        due = Arrays.copyOf(due, length);
        ends = Arrays.copyOf(ends, length);
        begins = Arrays.copyOf(begins, length);
        stacks = Arrays.copyOf(stacks, length);
    }
}
