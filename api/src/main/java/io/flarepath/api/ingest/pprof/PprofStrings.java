package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.TextHash;
import io.flarepath.api.ingest.upload.TextPool;
import io.flarepath.api.server.ApiError;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;

/**
 * The string table of a pprof, as bytes and their hashes: most of it names frames that are known
 * already, and is never needed as text.
 */
final class PprofStrings {
    private final TextPool pool;
    private final Charged memory;
    private final TextHash hash = new TextHash();
    private byte[] bytes = new byte[1 << 14];
    private int[] ends = new int[256];
    private long[] hashes = new long[512];
    private int size;

    PprofStrings(TextPool pool, Charged memory) {
        this.pool = pool;
        this.memory = memory;
    }

    /** Takes all strings away. */
    void clear() {
        size = 0;
    }

    /**
     * Adds a string.
     *
     * @throws CharacterCodingException when it is not UTF-8
     */
    void add(byte[] from, int place, int length) throws CharacterCodingException {
        hash.of(from, place, length);
        if (!hash.isAscii()) {
            String _ = TextPool.decoded(from, place, length);
        }
        int start = start(size);
        if (length > bytes.length - start) {
            int room = (int) Math.min(Integer.MAX_VALUE - 8, 2L * (start + (long) length));
            memory.charge(room - (long) bytes.length);
            bytes = Arrays.copyOf(bytes, room);
        }
        if (size == ends.length) {
            memory.charge(20L * size);
            ends = Arrays.copyOf(ends, 2 * size);
            hashes = Arrays.copyOf(hashes, 4 * size);
        }
        System.arraycopy(from, place, bytes, start, length);
        hashes[2 * size] = hash.a();
        hashes[2 * size + 1] = hash.b();
        ends[size++] = start + length;
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    /** How many there are. */
    int size() {
        return size;
    }

    /**
     * Checks that a string is there.
     *
     * @return its index
     * @throws ApiError 422 for an index outside the table
     */
    int check(long index, String what) {
        if (index < 0 || index >= Math.max(1, size)) {
            throw ApiError.unreadable(
                    "a "
                            + what
                            + " of the pprof refers to string "
                            + index
                            + ", the table has "
                            + size);
        }
        return (int) index;
    }

    /** Whether a string that is there has no bytes; the first has none, even in an empty table. */
    boolean isEmpty(int index) {
        return length(index) == 0;
    }

    /** How many bytes a string that is there has. */
    int length(int index) {
        return index == 0 ? 0 : ends[index] - ends[index - 1];
    }

    /** One half of the {@link TextHash} of a string that is there. */
    long hashA(int index) {
        return isEmpty(index) ? 0 : hashes[2 * index];
    }

    /** The other half. */
    long hashB(int index) {
        return isEmpty(index) ? 0 : hashes[2 * index + 1];
    }

    /** A string that is there, as text. */
    String text(int index) {
        if (isEmpty(index)) {
            return "";
        }
        int start = start(index);
        try {
            return pool.text(hashA(index), hashB(index), bytes, start, ends[index] - start);
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("it was UTF-8 when it was added", e);
        }
    }

    /**
     * A string.
     *
     * @throws ApiError 422 for an index outside the table
     */
    String get(long index, String what) {
        return text(check(index, what));
    }
}
