package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.TimedParts;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.ResourceProfiles;
import io.opentelemetry.proto.profiles.v1development.ScopeProfiles;
import io.opentelemetry.proto.profiles.v1development.Stack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes profiles of one request: all of them, or none when one is bad. */
final class OtlpProfiles {
    private static final long MISSING_DURATION_NANOS = 10_000_000_000L;
    private static final int MOST_ID_BYTES = 64;

    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;
    private final UploadMemory memory;
    private final OtlpDictionary dictionary;
    private final OtlpFrames frames;
    private final Dropped dropped = new Dropped();
    private final TimedParts.Room room = new TimedParts.Room();
    private final List<Profile> profiles = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    private OtlpProfiles(
            ExportProfilesServiceRequest request,
            LabelRules labelRules,
            StackRules stackRules,
            UploadClock clock,
            UploadMemory memory) {
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
        this.memory = memory;
        this.dictionary = new OtlpDictionary(request.getDictionary());
        this.frames = new OtlpFrames(dictionary, memory);
    }

    /**
     * Decodes a request.
     *
     * @throws ApiError 400 that says what is wrong with the first bad profile
     */
    static Decoded of(
            ExportProfilesServiceRequest request,
            LabelRules labelRules,
            StackRules stackRules,
            UploadClock clock,
            UploadMemory memory) {
        OtlpProfiles made = new OtlpProfiles(request, labelRules, stackRules, clock, memory);
        made.checkTables();
        for (ResourceProfiles resource : request.getResourceProfilesList()) {
            Map<String, String> labels = ResourceLabels.of(resource.getResource(), made.dictionary);
            for (ScopeProfiles scope : resource.getScopeProfilesList()) {
                made.add(labels, scope);
            }
        }
        made.room.tell(made.dropped);
        return new Decoded(made.profiles, made.dropped);
    }

    /** Entries that no sample uses are checked too: a request is good or bad as a whole. */
    private void checkTables() {
        for (int i = 0; i < frames.locations(); i++) {
            frames.at(i);
        }
        for (Stack stack : dictionary.tables().getStackTableList()) {
            for (int i = 0; i < stack.getLocationIndicesCount(); i++) {
                OtlpDictionary.has(
                        stack.getLocationIndices(i), frames.locations(), "location_table");
            }
        }
    }

    private void add(Map<String, String> resource, ScopeProfiles scope) {
        labelRules.check(resource);
        Map<String, String> named = new HashMap<>(resource);
        String profiler = ResourceLabels.profiler(scope);
        labelRules.check("profiler", profiler);
        named.put("profiler", profiler);
        Labels labels = Labels.of(named);
        for (io.opentelemetry.proto.profiles.v1development.Profile profile :
                scope.getProfilesList()) {
            add(labels, profile);
        }
    }

    private void add(Labels labels, io.opentelemetry.proto.profiles.v1development.Profile profile) {
        OtlpType type = OtlpType.of(profile, dictionary);
        long duration = profile.getDurationNano();
        long start = start(profile);
        String id = id(profile);
        for (SampleSums.Group group :
                SampleSums.of(
                        profile, type, dictionary, labels, labelRules, dropped, room, memory)) {
            Profile.Builder builder =
                    Profile.builder(group.labels(), type.type())
                            .ownLabels(labels)
                            .id(group.id(id, labels))
                            .time(start, duration <= 0 ? MISSING_DURATION_NANOS : duration)
                            .period(type.period());
            StackBuilder stacks = new StackBuilder(builder, stackRules, memory);
            Map<Integer, Integer> frameIndices = new HashMap<>();
            Map<Integer, Integer> places = new HashMap<>();
            group.values()
                    .forEach((stack, value) -> {
                        places.put(stack, stacks.stacks());
                        push(stack, value, builder, stacks, frameIndices);
                    });
            dropped.count("truncated-stack", stacks.cut());
            group.spans()
                    .of(Long::longValue, stack -> places.getOrDefault(stack, -1), dropped)
                    .forEach(builder::span);
            builder.timed(
                    group.times()
                            .of(
                                    Long::longValue,
                                    stack -> places.getOrDefault(stack, -1),
                                    group.threads()::get,
                                    start,
                                    0,
                                    dropped));
            if (stacks.stacks() > 0) {
                profiles.add(builder.build());
            }
        }
    }

    private void push(
            int stack,
            long value,
            Profile.Builder builder,
            StackBuilder stacks,
            Map<Integer, Integer> frameIndices) {
        if (dictionary.tables().getStackTableCount() > 0) {
            Stack locations = dictionary.tables().getStackTable(stack);
            for (int i = 0; i < locations.getLocationIndicesCount(); i++) {
                int location = locations.getLocationIndices(i);
                Frame[] at = frames.at(location);
                Integer first = frameIndices.get(location);
                for (Frame frame : at) {
                    stacks.push(at.length == 1 && first != null ? first : builder.frame(frame));
                }
                if (at.length == 1 && first == null) {
                    memory.charge(150);
                    frameIndices.put(location, builder.frame(at[0]));
                }
            }
        }
        stacks.finish(value);
    }

    private String id(io.opentelemetry.proto.profiles.v1development.Profile profile) {
        byte[] bytes = profile.getProfileId().toByteArray();
        if (bytes.length > MOST_ID_BYTES) {
            throw ApiError.invalid(
                    "a profile_id has " + bytes.length + " bytes, the limit is " + MOST_ID_BYTES);
        }
        boolean zero = true;
        for (byte b : bytes) {
            zero &= b == 0;
        }
        if (zero) {
            return "";
        }
        String hex = HexFormat.of().formatHex(bytes);
        // Some senders give all types of one upload the same id; each of them is to be stored.
        String id = hex;
        for (int i = 2; !ids.add(id); i++) {
            id = hex + "-" + i;
        }
        return id;
    }

    private long start(io.opentelemetry.proto.profiles.v1development.Profile profile) {
        long start = profile.getTimeUnixNano();
        return start == 0 ? clock.now() : clock.check(start);
    }
}
