package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads what the formats {@code tree} and {@code trie} are made of: nodes, parents before their
 * children, each {@code uvarint length, bytes, uvarint value, uvarint children} (pyroscope
 * pkg/og/storage/tree, pkg/og/structs/transporttrie).
 */
final class NodeInput {
    /** As in the reference (max-profile-symbol-value-length). */
    private static final int MOST_NAME_BYTES = 65_535;

    private final InputStream in;
    private final byte[] name = new byte[MOST_NAME_BYTES];
    private int nameLength;
    private long value;
    private long children;

    NodeInput(InputStream in) {
        this.in = new BufferedInputStream(in, 64 << 10);
    }

    /**
     * Reads the next node.
     *
     * @throws ApiError 422 when there is none, or not all of it
     */
    void next() throws IOException {
        long length = number();
        if (length > MOST_NAME_BYTES) {
            throw ApiError.unreadable(
                    "a node has a name of " + length + " bytes, the limit is " + MOST_NAME_BYTES);
        }
        nameLength = in.readNBytes(name, 0, (int) length);
        if (nameLength < length) {
            throw cut();
        }
        value = number();
        children = number();
    }

    /**
     * Checks that nothing follows.
     *
     * @throws ApiError 422 when something does
     */
    void end() throws IOException {
        if (in.read() >= 0) {
            throw ApiError.unreadable("there are bytes behind the last node: it is damaged");
        }
    }

    private long number() throws IOException {
        long number = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int one = in.read();
            if (one < 0) {
                throw cut();
            }
            number |= (long) (one & 0x7f) << shift;
            if (one < 0x80) {
                return number;
            }
        }
        throw ApiError.unreadable("a number has more than 63 bits: it is damaged");
    }

    private static ApiError cut() {
        return ApiError.unreadable("it ends where a node or a part of one is due: it is cut");
    }

    /** The bytes of its name, valid up to {@link #nameLength()} until the next node. */
    byte[] name() {
        return name;
    }

    int nameLength() {
        return nameLength;
    }

    /** What it counts itself. */
    long value() {
        return value;
    }

    /** How many nodes below it follow. */
    long children() {
        return children;
    }
}
