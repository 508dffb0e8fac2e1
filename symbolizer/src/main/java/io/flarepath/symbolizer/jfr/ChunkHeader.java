package io.flarepath.symbolizer.jfr;

import java.io.IOException;

/**
 * The first 68 bytes of a chunk, big-endian (jdk.jfr.internal.consumer.ChunkHeader).
 *
 * @param start its first byte in the recording
 * @param end the byte behind its last
 * @param metadata where its metadata event lies in the recording
 * @param startNanos when it was begun, nanoseconds since 1970
 * @param durationNanos how long it was written
 * @param startTicks the clock of its events at that time
 * @param ticksPerSecond frequency of that clock
 * @param compressed whether integers are compressed
 */
record ChunkHeader(
        long start,
        long end,
        long metadata,
        long startNanos,
        long durationNanos,
        long startTicks,
        long ticksPerSecond,
        boolean compressed) {
    static final int BYTES = 68;

    private static final int MAGIC = 'F' << 24 | 'L' << 16 | 'R' << 8;
    private static final long NANOS = 1_000_000_000L;
    private static final long MOST_TICKS_PER_SECOND = 1_000_000_000_000L;

    /** Reads the header at a place of a recording of so many bytes. */
    static ChunkHeader read(RecordingCursor cursor, long start, long recordingBytes)
            throws IOException {
        cursor.seek(start, recordingBytes);
        if (cursor.left() < BYTES || (int) cursor.bigEndian(4) != MAGIC) {
            throw new MalformedRecordingException(
                    start == 0
                            ? "it is no JFR recording: it does not start with FLR"
                            : "at byte " + start + " no chunk starts: it is cut or damaged");
        }
        int major = (int) cursor.bigEndian(2);
        cursor.bigEndian(2);
        if (major < 1 || major > 2) {
            throw new MalformedRecordingException(
                    "version " + major + " of the format is not known, 1 and 2 are");
        }
        long size = cursor.bigEndian(8);
        cursor.bigEndian(8);
        long metadata = cursor.bigEndian(8);
        long startNanos = cursor.bigEndian(8);
        long durationNanos = cursor.bigEndian(8);
        long startTicks = cursor.bigEndian(8);
        long ticksPerSecond = cursor.bigEndian(8);
        boolean compressed = (cursor.bigEndian(4) & 1) != 0;
        checkSize(start, size, recordingBytes);
        if (metadata < BYTES || metadata >= size) {
            throw new MalformedRecordingException(
                    "the metadata of the chunk at byte "
                            + start
                            + " lies at "
                            + metadata
                            + ", outside of its "
                            + size
                            + " bytes");
        }
        if (ticksPerSecond < 1 || ticksPerSecond > MOST_TICKS_PER_SECOND) {
            throw new MalformedRecordingException(
                    "the clock of the chunk at byte "
                            + start
                            + " has "
                            + ticksPerSecond
                            + " ticks a second");
        }
        return new ChunkHeader(
                start,
                start + size,
                start + metadata,
                startNanos,
                Math.max(0, durationNanos),
                startTicks,
                ticksPerSecond,
                compressed);
    }

    private static void checkSize(long start, long size, long recordingBytes)
            throws MalformedRecordingException {
        if (size == 0) {
            throw new MalformedRecordingException(
                    "the chunk at byte "
                            + start
                            + " was not finished: it was copied while it was being written, or its"
                            + " process was killed");
        }
        if (size < BYTES || size > recordingBytes - start) {
            throw new MalformedRecordingException(
                    "the chunk at byte "
                            + start
                            + " says that it has "
                            + size
                            + " bytes, the recording has "
                            + (recordingBytes - start)
                            + " there: it is cut or damaged");
        }
    }

    /** A time of the chunk's clock as nanoseconds since 1970. */
    long unixNanos(long ticks) {
        return startNanos + nanos(ticks - startTicks);
    }

    /** A number of ticks in nanoseconds. */
    long nanos(long ticks) {
        if (ticksPerSecond == NANOS) {
            return ticks;
        }
        long seconds = ticks / ticksPerSecond;
        long rest = ticks % ticksPerSecond;
        return seconds * NANOS + (long) ((double) rest * NANOS / ticksPerSecond);
    }
}
