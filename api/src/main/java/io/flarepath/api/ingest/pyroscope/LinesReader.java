package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;

/** Reads the format {@code lines}: each line is a stack, {@code root;…;leaf}, that counts one. */
final class LinesReader {
    private final CallTree tree;
    private final FrameNames names;

    LinesReader(CallTree tree, FrameNames names) {
        this.tree = tree;
        this.names = names;
    }

    /**
     * Reads all lines.
     *
     * @throws ApiError 422 for a line that is not UTF-8
     */
    void read(InputStream in, UploadMemory memory) throws IOException {
        TextLines.read(in, memory, (bytes, start, end, number) -> take(bytes, start, end));
    }

    private void take(byte[] bytes, int start, int end) {
        int node = CallTree.ROOT;
        int begin = start;
        for (int i = start; i <= end; i++) {
            if (i == end || bytes[i] == ';') {
                if (i > begin) {
                    node = tree.child(node, names.number(bytes, begin, i));
                }
                begin = i + 1;
            }
        }
        if (end > start) {
            tree.add(node, 1);
        }
    }
}
