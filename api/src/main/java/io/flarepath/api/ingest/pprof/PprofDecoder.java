package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.TextPool;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/** Makes profiles of a pprof, one a sample type. Safe for many threads. */
public final class PprofDecoder {
    /** More than that are at work in a storm only, and made for it. */
    private static final int KEPT_READERS = 4;

    private static final long YEAR_1970_NANOS = 365L * 86_400 * 1_000_000_000L;

    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;
    private final TextPool texts = new TextPool();
    private final FramePool pool = new FramePool();
    private final Queue<PprofReader> readers = new ArrayBlockingQueue<>(KEPT_READERS);

    /** A decoder under the configured limits. */
    public PprofDecoder(LabelRules labelRules, StackRules stackRules, UploadClock clock) {
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
    }

    /**
     * Decodes.
     *
     * @param inflated the pprof, not compressed
     * @return no profiles for an empty stream and for one without samples
     * @throws ApiError 422 for what is no pprof, 400 and 413 for what breaks a limit
     */
    public Decoded decode(InputStream inflated, PprofRequest request, UploadMemory memory)
            throws IOException {
        Labels labels = labelRules.check(request.labels());
        PprofReader kept = readers.poll();
        PprofReader reader = kept == null ? new PprofReader(stackRules, texts) : kept;
        try {
            return decode(reader.read(inflated, memory), labels, request, memory);
        } finally {
            reader.clear();
            if (reader.isWorthKeeping()) {
                boolean _ = readers.offer(reader);
            }
        }
    }

    private Decoded decode(
            PprofData data, Labels labels, PprofRequest request, UploadMemory memory) {
        PprofStrings strings = data.strings;
        List<ProfileType> types = PprofTypes.of(data, request, strings);
        if (data.samples > 0 && data.valuesPerSample != types.size()) {
            throw ApiError.unreadable(
                    "samples of the pprof have "
                            + data.valuesPerSample
                            + " values, it has "
                            + types.size()
                            + " sample types");
        }
        PprofFrames frames = new PprofFrames(data, request.spyName(), pool, memory);
        Dropped dropped = new Dropped();
        dropped.count("sample-labels", data.otherLabels);
        List<Profile> profiles = new ArrayList<>();
        FrameNumbers numbers = new FrameNumbers(frames, memory);
        for (SampleGroup group :
                SampleGroups.of(data, strings, labels, labelRules, dropped, memory)) {
            addProfiles(
                    group, labels, types, data, frames, numbers, request, dropped, memory,
                    profiles);
        }
        dropped.count("negative-value", data.negativeSamples);
        return new Decoded(profiles, dropped);
    }

    /** One a type; those whose stacks are the same hold them together. */
    private void addProfiles(
            SampleGroup group,
            Labels series,
            List<ProfileType> types,
            PprofData data,
            PprofFrames frames,
            FrameNumbers numbers,
            PprofRequest request,
            Dropped dropped,
            UploadMemory memory,
            List<Profile> profiles) {
        memory.charge(4L * group.rows());
        int[] places = new int[group.rows()];
        Profile last = null;
        long lastCut = 0;
        for (int i = 0; i < types.size(); i++) {
            int type = i;
            if (last != null && areSameStacks(group, i)) {
                dropped.count("truncated-stack", lastCut);
                last =
                        last.revalued(
                                types.get(i),
                                periodOf(types.get(i), data),
                                values(group, i, last.stackCount(), memory),
                                group.spans().of(each -> each[type], row -> places[row], dropped));
                profiles.add(last);
                continue;
            }
            Profile.Builder profile = start(group.labels(), types.get(i), data, request);
            profile.ownLabels(series);
            StackBuilder stacks = new StackBuilder(profile, stackRules, memory);
            numbers.begin();
            makeRoom(group, i, profile);
            addStacks(frames, numbers, group, i, profile, stacks, places);
            dropped.count("truncated-stack", stacks.cut());
            lastCut = stacks.cut();
            last = null;
            if (stacks.stacks() > 0) {
                group.spans()
                        .of(each -> each[type], row -> places[row], dropped)
                        .forEach(profile::span);
                last = profile.build();
                profiles.add(last);
            }
        }
    }

    private Profile.Builder start(
            Labels labels, ProfileType type, PprofData data, PprofRequest request) {
        long start = data.timeNanos;
        long duration = Math.max(0, data.durationNanos);
        boolean in1970 = start >= 0 && start < YEAR_1970_NANOS;
        if (in1970 || (request.timeGiven() && clock.isTooOld(start))) {
            start = request.fromNanos();
        }
        if (duration == 0) {
            duration = Math.max(0, request.untilNanos() - request.fromNanos());
        }
        return Profile.builder(labels, type)
                .time(clock.check(start), duration)
                .period(periodOf(type, data));
    }

    /**
     * The value of one sample is known when the period is of the sample's own type, or one each.
     */
    private static long periodOf(ProfileType type, PprofData data) {
        if (type.sampleType().equals(type.periodType())
                && type.sampleUnit().equals(type.periodUnit())) {
            return Math.max(0, data.period);
        }
        return type.sampleType().equals("samples") && type.sampleUnit().equals("count") ? 1 : 0;
    }

    /** Whether a type has values of the same stacks as the one before it. */
    private static boolean areSameStacks(SampleGroup group, int type) {
        for (int row = 0; row < group.rows(); row++) {
            if ((group.value(row, type) == 0) != (group.value(row, type - 1) == 0)) {
                return false;
            }
        }
        return true;
    }

    private static long[] values(SampleGroup group, int type, int stacks, UploadMemory memory) {
        memory.charge(8L * stacks);
        long[] values = new long[stacks];
        long total = 0;
        int at = 0;
        for (int row = 0; row < group.rows(); row++) {
            long value = group.value(row, type);
            if (value != 0) {
                values[at++] = value;
                total = StackBuilder.checkedTotal(total, value);
            }
        }
        return values;
    }

    private static void makeRoom(SampleGroup group, int type, Profile.Builder profile) {
        int stacks = 0;
        int frames = 0;
        for (int row = 0; row < group.rows(); row++) {
            if (group.value(row, type) != 0) {
                stacks++;
                frames += group.depth(row);
            }
        }
        profile.room(stacks, frames);
    }

    /** Adds the stacks of a group; {@code places} tells where each of its rows went, -1 nowhere. */
    private static void addStacks(
            PprofFrames frames,
            FrameNumbers numbers,
            SampleGroup group,
            int type,
            Profile.Builder profile,
            StackBuilder stacks,
            int[] places) {
        int[] locations = new int[256];
        for (int row = 0; row < group.rows(); row++) {
            long value = group.value(row, type);
            places[row] = -1;
            if (value == 0) {
                continue;
            }
            int depth = group.depth(row);
            if (depth > locations.length) {
                locations = new int[Math.max(depth, 2 * locations.length)];
            }
            group.copy(row, locations);
            for (int i = 0; i < depth; i++) {
                int location = locations[i];
                int first = frames.first(location);
                int behind = first + frames.count(location);
                for (int frame = first; frame < behind; frame++) {
                    stacks.push(numbers.of(frame, profile));
                }
            }
            places[row] = stacks.stacks();
            stacks.finish(value);
        }
    }
}
