package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads a recording of the JDK Flight Recorder or of async-profiler, chunk by chunk. What lies on
 * the heap are the different stacks, and the places of pooled values of one chunk; the recording
 * itself stays where it is. For one recording, and one thread.
 *
 * <p>The format is that of the JDK (jdk.jfr.internal.consumer.ChunkParser), version 1 and 2; the
 * events are those of Pyroscope's server (jfr-parser/pprof/parser.go), and {@code
 * jdk.CPUTimeSample} of JDK 25.
 */
public final class RecordingReader {
    private static final int BUFFER_BYTES = 64 << 10;

    /** Reads of pooled values jump. */
    private static final int POOL_BUFFER_BYTES = 4 << 10;

    private static final int MOST_CHUNKS = 100_000;

    private final ByteSource source;
    private final LongConsumer memory;
    private final ChunkReader.Recorded recorded;
    private long bytesOfChunk;

    /**
     * A reader.
     *
     * @param memory hears of each number of bytes that is taken of the heap, and may throw; less
     *     than 0 when they are given back, as at the end of each chunk
     */
    public RecordingReader(ByteSource source, LongConsumer memory) {
        this.source = source;
        this.memory = memory;
        this.recorded =
                new ChunkReader.Recorded(
                        new RecordedStacks(memory),
                        new RecordingThreads(memory),
                        new RecordingSettings(),
                        new TreeMap<>(),
                        this::takeForChunk);
    }

    private void takeForChunk(long bytes) {
        memory.accept(bytes);
        bytesOfChunk += bytes;
    }

    /** The stacks of the samples that came so far. */
    public RecordedStacks stacks() {
        return recorded.stacks();
    }

    /** The threads of the samples that came so far. */
    public List<RecordedThread> threads() {
        return recorded.threads().all();
    }

    /**
     * Reads all of it.
     *
     * @param sink takes the samples in the order in which they were written
     * @throws MalformedRecordingException when it is no recording, or cut, or damaged; samples that
     *     were handed over are then not to be used
     */
    public RecordingSummary read(Consumer<RecordedSample> sink) throws IOException {
        RecordingCursor cursor = new RecordingCursor(source, BUFFER_BYTES);
        RecordingCursor poolCursor = new RecordingCursor(source, POOL_BUFFER_BYTES);
        long size = source.size();
        long start = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        int chunks = 0;
        long at = 0;
        do {
            ChunkHeader chunk = ChunkHeader.read(cursor, at, size);
            if (++chunks > MOST_CHUNKS) {
                throw new MalformedRecordingException(
                        "the recording has more than " + MOST_CHUNKS + " chunks");
            }
            new ChunkReader(chunk, cursor, poolCursor, recorded, sink).read();
            memory.accept(-bytesOfChunk);
            bytesOfChunk = 0;
            start = Math.min(start, chunk.startNanos());
            end = Math.max(end, chunk.startNanos() + chunk.durationNanos());
            at = chunk.end();
        } while (at < size);
        RecordingSettings settings = recorded.settings();
        SortedMap<String, Long> ignored = Collections.unmodifiableSortedMap(recorded.ignored());
        return new RecordingSummary(
                start,
                end,
                settings.event(),
                settings.executionNanos(),
                settings.wallNanos(),
                ignored);
    }
}
