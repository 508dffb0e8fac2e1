package io.flarepath.api.ingest.pyroscope;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes profiles of a file of speedscope (speedscope.app, file-format-schema.json), one for each
 * profile in it. Values that are times are kept in nanoseconds. Safe for many threads.
 *
 * <p>As in the reference (pkg/og/convert/speedscope) the unit stands for a type, like the suffix of
 * an application's name, when a file has several profiles. Of one profile the reference makes CPU
 * whatever its unit is; bytes are memory here in both cases.
 */
final class SpeedscopeDecoder {
    private static final int BYTES_A_PROFILE = 4_000;

    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    SpeedscopeDecoder(LabelRules labelRules, StackRules stackRules, UploadClock clock) {
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
    }

    /** What becomes one profile. */
    private record Group(String name, FoldedType type, long period) {}

    /**
     * Decodes, in two passes: values may stand before what tells their unit.
     *
     * @param file the JSON, not compressed
     * @throws ApiError 422 for what is no such file; 400 for an unknown type and for what breaks a
     *     rule; 413 for what is too large
     */
    Decoded decode(PyroscopeDecoder.Source file, IngestRequest request, UploadMemory memory)
            throws IOException {
        FrameNames names = new FrameNames(memory);
        try {
            SpeedscopeOutline outline;
            try (ExpectedJson json = new ExpectedJson(file.open())) {
                outline = SpeedscopeOutline.read(json, names, memory);
            }
            boolean several = new HashSet<>(outline.heads()).size() > 1;
            Dropped dropped = new Dropped();
            Map<Group, CallTree> trees = new LinkedHashMap<>();
            Iterator<SpeedscopeHead> heads = outline.heads().iterator();
            try (ExpectedJson json = new ExpectedJson(file.open())) {
                ExpectedJson.ValueReader profile =
                        () -> {
                            SpeedscopeHead head = heads.next();
                            Group group = group(head, several, request);
                            CallTree tree = treeOf(group, trees, memory);
                            long each = Math.max(1, group.period());
                            new SpeedscopeValues(json, outline, head, tree, each, memory)
                                    .read(dropped);
                        };
                json.object(
                        "the file",
                        field -> {
                            if (field.equals("profiles")) {
                                json.array("profiles", profile);
                                return true;
                            }
                            return false;
                        });
            }
            List<Profile> profiles = new ArrayList<>();
            for (Map.Entry<Group, CallTree> tree : trees.entrySet()) {
                add(tree.getKey(), tree.getValue(), names, request, memory, dropped, profiles);
            }
            return new Decoded(profiles, dropped);
        } catch (JsonProcessingException e) {
            throw ApiError.unreadable("the file is not JSON: " + e.getOriginalMessage());
        }
    }

    private CallTree treeOf(Group group, Map<Group, CallTree> trees, UploadMemory memory) {
        CallTree known = trees.get(group);
        if (known == null) {
            memory.charge(BYTES_A_PROFILE);
            known = new CallTree(stackRules, memory);
            trees.put(group, known);
        }
        return known;
    }

    private static Group group(SpeedscopeHead head, boolean several, IngestRequest request) {
        String app = request.name().app();
        SpeedscopeUnit unit = head.unit();
        boolean byUnit =
                several
                        ? unit != SpeedscopeUnit.NONE
                        : unit == SpeedscopeUnit.BYTES && !isTyped(app);
        FoldedType type = FoldedType.of(byUnit ? app + "." + unit.suffix() : app);
        boolean counted = type.timed() && unit == SpeedscopeUnit.NONE;
        return new Group(head.name(), type, counted ? request.nanosPerSample() : 0);
    }

    private static boolean isTyped(String app) {
        return app.indexOf('.') >= 0;
    }

    private void add(
            Group group,
            CallTree tree,
            FrameNames names,
            IngestRequest request,
            UploadMemory memory,
            Dropped dropped,
            List<Profile> profiles) {
        Map<String, String> named = request.typedLabels(group.type().service());
        if (!group.name().isEmpty()) {
            named.put("profile_name", group.name());
        }
        Labels labels = labelRules.check(named);
        Profile.Builder profile =
                Profile.builder(labels, group.type().type())
                        .time(clock.check(request.fromNanos()), request.durationNanos())
                        .period(group.period());
        StackBuilder stacks = new StackBuilder(profile, stackRules, memory);
        tree.into(profile, stacks, names, 1);
        dropped.count("truncated-stack", stacks.cut());
        if (stacks.stacks() > 0) {
            profiles.add(profile.build());
        }
    }
}
