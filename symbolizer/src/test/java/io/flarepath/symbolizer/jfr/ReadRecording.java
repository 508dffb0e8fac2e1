package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A recording, read whole. */
record ReadRecording(
        RecordingSummary summary,
        RecordedStacks stacks,
        List<RecordedThread> threads,
        List<RecordedSample> samples) {

    static ReadRecording of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return of(ByteSource.of(channel));
        }
    }

    static ReadRecording of(ByteSource source) throws IOException {
        RecordingReader reader = new RecordingReader(source, bytes -> {});
        List<RecordedSample> samples = new ArrayList<>();
        RecordingSummary summary = reader.read(samples::add);
        return new ReadRecording(summary, reader.stacks(), reader.threads(), samples);
    }

    List<RecordedSample> of(SampleKind kind) {
        return samples.stream().filter(sample -> sample.kind() == kind).toList();
    }

    long count(SampleKind kind) {
        return of(kind).stream().mapToLong(RecordedSample::count).sum();
    }

    long amount(SampleKind kind) {
        return of(kind).stream().mapToLong(RecordedSample::amount).sum();
    }

    /** Number of samples in whose stack a function is. */
    long countIn(SampleKind kind, String function) {
        return of(kind).stream().filter(sample -> names(sample).contains(function)).count();
    }

    /** Amount of the samples in whose stack a function is. */
    long amountIn(SampleKind kind, String function) {
        return of(kind).stream()
                .filter(sample -> names(sample).contains(function))
                .mapToLong(RecordedSample::amount)
                .sum();
    }

    List<Frame> frames(RecordedSample sample) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < stacks.depth(sample.stack()); i++) {
            frames.add(stacks.frames().get(stacks.frame(sample.stack(), i)));
        }
        return frames;
    }

    List<String> names(RecordedSample sample) {
        return frames(sample).stream().map(Frame::function).toList();
    }

    String thread(RecordedSample sample) {
        return threads.get(sample.thread()).name();
    }
}
