package io.flarepath.agent.recordings;

import io.flarepath.agent.export.TypedProfile;
import io.flarepath.agent.export.TypedProfile.TypedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.jfr.RecordedSample;
import io.flarepath.symbolizer.jfr.RecordedStacks;
import io.flarepath.symbolizer.jfr.RecordedThread;
import io.flarepath.symbolizer.jfr.RecordingReader;
import io.flarepath.symbolizer.jfr.RecordingSummary;
import io.flarepath.symbolizer.jfr.SampleKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Makes profiles of a recording, a type each, under the ids that uploaded recordings have. */
final class RecordedProfiles {
    /** What a recording may take of the agent's heap; a longer one is refused. */
    private static final long MOST_HEAP_BYTES = 24L << 20;

    private static final int BYTES_A_SAMPLE = 40;
    private static final int BYTES_A_STACK = 200;
    private static final String PROFILER = "async-profiler";

    private final SortedMap<String, String> resource;
    private final int pid;
    private final Map<Key, Values> stacks = new LinkedHashMap<>();
    private long heapBytes;

    private record Key(SampleKind kind, int stack, int thread) {}

    /** The samples of one stack of one thread. */
    private static final class Values {
        private long[] counts = new long[2];
        private long[] amounts = new long[2];
        private long[] times = new long[2];
        private int size;

        void add(RecordedSample sample) {
            if (size == times.length) {
                counts = Arrays.copyOf(counts, size * 2);
                amounts = Arrays.copyOf(amounts, size * 2);
                times = Arrays.copyOf(times, size * 2);
            }
            counts[size] = sample.count();
            amounts[size] = sample.amount();
            times[size++] = sample.unixNanos();
        }
    }

    private RecordedProfiles(SortedMap<String, String> resource, int pid) {
        this.resource = resource;
        this.pid = pid;
    }

    /**
     * Reads a recording.
     *
     * @param resource attributes of the process
     * @param pid the process, in our namespace
     * @throws IOException when it cannot be read or takes too much memory
     */
    static List<TypedProfile> read(Path recording, SortedMap<String, String> resource, int pid)
            throws IOException {
        try (FileChannel channel = FileChannel.open(recording)) {
            return new RecordedProfiles(resource, pid).read(ByteSource.of(channel));
        } catch (TooLong e) {
            throw new IOException(
                    "the recording takes more than "
                            + MOST_HEAP_BYTES
                            + " bytes of the agent's memory: record for a shorter time, or less",
                    e);
        }
    }

    /** Thrown through the reader. */
    private static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void charge(long bytes) {
        heapBytes += bytes;
        if (heapBytes > MOST_HEAP_BYTES) {
            throw new TooLong();
        }
    }

    private List<TypedProfile> read(ByteSource source) throws IOException {
        RecordingReader reader = new RecordingReader(source, this::charge);
        RecordingSummary summary =
                reader.read(sample -> {
                    charge(BYTES_A_SAMPLE);
                    Key key = new Key(sample.kind(), sample.stack(), sample.thread());
                    stacks.computeIfAbsent(
                                    key,
                                    added -> {
                                        charge(BYTES_A_STACK);
                                        return new Values();
                                    })
                            .add(sample);
                });
        List<TypedProfile> profiles = new ArrayList<>();
        for (SampleKind kind : SampleKind.values()) {
            if (!kind.countType().isEmpty()) {
                add(profiles, kind, true, reader, summary);
            }
            if (!kind.amountType().isEmpty()) {
                add(profiles, kind, false, reader, summary);
            }
        }
        return profiles;
    }

    private void add(
            List<TypedProfile> profiles,
            SampleKind kind,
            boolean counts,
            RecordingReader reader,
            RecordingSummary summary) {
        List<TypedStack> typed = new ArrayList<>();
        stacks.forEach((key, values) -> {
            if (key.kind() == kind) {
                RecordedThread thread = reader.threads().get(key.thread());
                long[] all = counts ? values.counts : values.amounts;
                typed.add(
                        new TypedStack(
                                frames(reader.stacks(), key.stack()),
                                pid,
                                thread.tid(),
                                thread.name(),
                                Arrays.copyOf(all, values.size),
                                Arrays.copyOf(values.times, values.size)));
            }
        });
        if (typed.isEmpty()) {
            return;
        }
        profiles.add(
                new TypedProfile(
                        resource,
                        PROFILER,
                        summary.startNanos(),
                        Math.max(1, summary.endNanos() - summary.startNanos()),
                        counts ? kind.countType() : kind.amountType(),
                        counts ? "count" : kind.amountUnit(),
                        kind.periodType(),
                        kind.periodUnit(),
                        counts ? 1 : period(kind, summary),
                        typed));
    }

    private static long period(SampleKind kind, RecordingSummary summary) {
        return switch (kind) {
            case CPU -> summary.executionNanos();
            case WALL -> summary.wallNanos();
            default -> 0;
        };
    }

    private static List<Frame> frames(RecordedStacks stacks, int stack) {
        List<Frame> frames = new ArrayList<>(stacks.depth(stack));
        for (int i = 0; i < stacks.depth(stack); i++) {
            frames.add(stacks.frames().get(stacks.frame(stack, i)));
        }
        return frames;
    }
}
