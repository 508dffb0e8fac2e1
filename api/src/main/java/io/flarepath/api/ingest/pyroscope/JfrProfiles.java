package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.pyroscope.RecordedSums.Series;
import io.flarepath.api.ingest.pyroscope.RecordedSums.Sum;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.SampleLabels;
import io.flarepath.api.ingest.upload.SpanKey;
import io.flarepath.api.ingest.upload.SpanParts;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.TimedParts;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.symbolizer.jfr.RecordedStacks;
import io.flarepath.symbolizer.jfr.RecordedThread;
import io.flarepath.symbolizer.jfr.RecordingSummary;
import io.flarepath.symbolizer.jfr.SampleKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** Makes the profiles of one recording: a type, a set of labels and a minute each. */
final class JfrProfiles {
    private static final int BYTES_A_FRAME = 150;
    private static final int BYTES_A_PLACE = 80;

    /** Recordings up to this length become one profile a type; uploads of clients are shorter. */
    private static final long WHOLE_NANOS = 90_000_000_000L;

    /** Clients give whole seconds, taken before or after the recording. */
    private static final long ROUNDED_NANOS = 15_000_000_000L;

    private final IngestRequest request;
    private final ContextLabels contexts;
    private final RecordedStacks stacks;
    private final List<RecordedThread> threads;
    private final RecordingSummary summary;
    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final Dropped dropped = new Dropped();
    private final List<Profile> profiles = new ArrayList<>();
    private final boolean whole;

    JfrProfiles(
            IngestRequest request,
            ContextLabels contexts,
            RecordedStacks stacks,
            List<RecordedThread> threads,
            RecordingSummary summary,
            LabelRules labelRules,
            StackRules stackRules) {
        this.request = request;
        this.contexts = contexts;
        this.stacks = stacks;
        this.threads = threads;
        this.summary = summary;
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.whole = summary.endNanos() - summary.startNanos() <= WHOLE_NANOS;
    }

    /** What becomes one profile a type. */
    private record Group(SampleKind kind, long slice, Labels labels, Labels own) {}

    Decoded of(RecordedSums sums, UploadClock clock, UploadMemory memory) {
        Frame[] frames = frames(memory);
        boolean cpuTime =
                sums.series().keySet().stream()
                        .anyMatch(series -> series.kind() == SampleKind.CPU_TIME);
        Labels own = labelRules.check(named());
        SampleLabels labels =
                new SampleLabels(
                        own,
                        sums.series().keySet().stream()
                                .map(Series::context)
                                .distinct()
                                .map(contexts::of)
                                .toList(),
                        labelRules,
                        dropped);
        Map<Group, Map<Integer, Sum>> groups = new LinkedHashMap<>();
        Map<Group, SpanParts<Sum>> spans = new HashMap<>();
        Map<Group, TimedParts<Sum>> times = new HashMap<>();
        sums.series()
                .forEach((series, values) -> {
                    if (cpuTime && series.kind() == SampleKind.CPU) {
                        dropped.count("execution-sample-beside-cpu-time", counts(values));
                        return;
                    }
                    long slice = whole ? 0 : series.slice();
                    Map<String, String> context = contexts.of(series.context());
                    Group group =
                            new Group(
                                    series.kind(), slice, labels.of(context, counts(values)), own);
                    SpanParts<Sum> parts = spans.computeIfAbsent(group, key -> new SpanParts<>());
                    TimedParts<Sum> timed = sums.times(series);
                    TimedParts<Sum> knownTimes = times.putIfAbsent(group, timed);
                    if (knownTimes != null) {
                        knownTimes.addAll(timed, Sum::add);
                    }
                    SpanKey span = SpanKey.of(context);
                    if (span.span() == 0) {
                        parts.addAll(sums.spans(series), Sum::add, memory);
                    }
                    values.forEach(
                            (stack, sum) -> parts.add(span, stack, sum.copy(), Sum::add, memory));
                    Map<Integer, Sum> known = groups.putIfAbsent(group, values);
                    if (known != null) {
                        values.forEach((stack, sum) -> known.merge(stack, sum, Sum::add));
                    }
                });
        groups.forEach((group, values) -> {
            SampleKind kind = group.kind();
            if (!kind.countType().isEmpty()) {
                add(
                        group,
                        kind.countType(),
                        "count",
                        values,
                        spans.getOrDefault(group, new SpanParts<>()),
                        times.getOrDefault(group, new TimedParts<>()),
                        Sum::count,
                        frames,
                        clock,
                        memory);
            }
            if (!kind.amountType().isEmpty()) {
                ToLongFunction<Sum> amount = isUntold(kind) ? this::byRate : Sum::amount;
                add(
                        group,
                        kind.amountType(),
                        kind.amountUnit(),
                        values,
                        spans.getOrDefault(group, new SpanParts<>()),
                        times.getOrDefault(group, new TimedParts<>()),
                        amount,
                        frames,
                        clock,
                        memory);
            }
        });
        sums.room().tell(dropped);
        summary.ignored().forEach((event, count) -> dropped.count("event-without-type", count));
        return new Decoded(profiles, dropped);
    }

    private static long counts(Map<Integer, Sum> values) {
        return values.values().stream().mapToLong(Sum::count).sum();
    }

    private Frame[] frames(UploadMemory memory) {
        memory.charge((long) BYTES_A_FRAME * stacks.frames().size());
        Frame[] frames = new Frame[stacks.frames().size()];
        for (int i = 0; i < frames.length; i++) {
            io.flarepath.symbolizer.Frame frame = stacks.frames().get(i);
            frames[i] =
                    new Frame(
                            frame.function(),
                            frame.file(),
                            frame.line(),
                            frame.mapping(),
                            frame.buildId(),
                            frame.address(),
                            FrameKind.ofOtelName(frame.kind().otelName()),
                            frame.inlined());
        }
        return frames;
    }

    /** Whether the recording does not say what a sample stands for, so that the client has to. */
    private boolean isUntold(SampleKind kind) {
        return switch (kind) {
            case CPU -> summary.executionNanos() == 0;
            case WALL -> summary.wallNanos() == 0;
            default -> false;
        };
    }

    private long byRate(Sum sum) {
        try {
            return Math.multiplyExact(sum.count(), request.nanosPerSample());
        } catch (ArithmeticException e) {
            throw ApiError.invalid("the values of a stack add up to more than 2^63");
        }
    }

    private Map<String, String> named() {
        String app = request.name().app();
        Map<String, String> named = new TreeMap<>(request.labels(app));
        if (request.name().labels().containsKey("service_name")) {
            named.putIfAbsent("app_name", app);
        }
        if (!summary.event().isEmpty()) {
            named.put("jfr_event", summary.event());
        }
        return named;
    }

    private void add(
            Group group,
            String type,
            String unit,
            Map<Integer, Sum> values,
            SpanParts<Sum> spans,
            TimedParts<Sum> times,
            ToLongFunction<Sum> value,
            Frame[] frames,
            UploadClock clock,
            UploadMemory memory) {
        SampleKind kind = group.kind();
        ProfileType profileType =
                new ProfileType(kind.family(), type, unit, kind.periodType(), kind.periodUnit());
        Profile.Builder profile = Profile.builder(group.labels(), profileType);
        profile.ownLabels(group.own());
        time(profile, group.slice(), clock);
        profile.period(period(kind, unit));
        StackBuilder builder = new StackBuilder(profile, stackRules, memory);
        int[] numbers = new int[frames.length];
        memory.charge(4L * frames.length + (long) BYTES_A_PLACE * values.size());
        Map<Integer, Integer> places = new HashMap<>();
        values.forEach((stack, sum) -> {
            long amount = value.applyAsLong(sum);
            if (amount > 0) {
                places.put(stack, builder.stacks());
                push(stack, builder, profile, frames, numbers);
                builder.finish(amount);
            }
        });
        dropped.count("truncated-stack", builder.cut());
        spans.of(value, stack -> places.getOrDefault(stack, -1), dropped).forEach(profile::span);
        profile.timed(
                times.of(
                        value,
                        stack -> places.getOrDefault(stack, -1),
                        this::thread,
                        start(group.slice()),
                        moved(),
                        dropped));
        if (builder.stacks() > 0) {
            profiles.add(profile.build());
        }
    }

    /** Frame numbers of the recording and of the profile differ, since a profile has fewer. */
    private void push(
            int stack,
            StackBuilder builder,
            Profile.Builder profile,
            Frame[] frames,
            int[] numbers) {
        for (int i = 0; i < stacks.depth(stack); i++) {
            int frame = stacks.frame(stack, i);
            if (numbers[frame] == 0) {
                numbers[frame] = profile.frame(frames[frame]) + 1;
            }
            builder.push(numbers[frame] - 1);
        }
    }

    private long period(SampleKind kind, String unit) {
        if (unit.equals("count")) {
            return 1;
        }
        return switch (kind) {
            case CPU -> isUntold(kind) ? request.nanosPerSample() : summary.executionNanos();
            case WALL -> isUntold(kind) ? request.nanosPerSample() : summary.wallNanos();
            default -> 0;
        };
    }

    /** Threads that the recording does not name have the number 0. */
    private SampledThread thread(int number) {
        if (number < 0 || number >= threads.size()) {
            return new SampledThread(0, "");
        }
        RecordedThread thread = threads.get(number);
        return new SampledThread(Math.max(0, thread.tid()), thread.name());
    }

    /**
     * How much later than its own clock says a recording is counted: not at all where the client's
     * time is only rounded.
     */
    private long moved() {
        long moved = request.timeGiven() ? request.fromNanos() - summary.startNanos() : 0;
        return Math.abs(moved) < ROUNDED_NANOS ? 0 : moved;
    }

    /** Where a minute begins by the recording's own clock. */
    private long begin(long slice) {
        long start = summary.startNanos();
        return whole ? start : Math.max(start, slice * RecordedSums.SLICE_NANOS);
    }

    private long start(long slice) {
        long start = summary.startNanos();
        long from = request.timeGiven() ? request.fromNanos() : start;
        return from + (begin(slice) - start);
    }

    /** The client's time holds; a minute of a long recording lies where it lay from its start. */
    private void time(Profile.Builder profile, long slice, UploadClock clock) {
        long from = clock.check(start(slice));
        if (whole) {
            long given = request.durationNanos();
            long length = Math.max(0, summary.endNanos() - summary.startNanos());
            profile.time(from, request.timeGiven() && given > 0 ? given : length);
            return;
        }
        long end = Math.min(summary.endNanos(), (slice + 1) * RecordedSums.SLICE_NANOS);
        profile.time(from, Math.max(1, end - begin(slice)));
    }
}
