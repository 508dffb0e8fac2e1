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
import io.flarepath.store.profile.Profile;
import java.io.IOException;
import java.util.List;

/**
 * Makes a profile of a flame graph that was saved: the document of /pyroscope/render, of one
 * profile. What was cut off there stays "other". Safe for many threads.
 */
final class FlamebearerDecoder {
    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    FlamebearerDecoder(LabelRules labelRules, StackRules stackRules, UploadClock clock) {
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
    }

    /** Whether a file, not compressed, is such a document, be it well-formed or not. */
    static boolean isDocument(PyroscopeDecoder.Source file) throws IOException {
        try (ExpectedJson json = new ExpectedJson(file.open())) {
            return FlamebearerOutline.isIn(json);
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    /**
     * Decodes, in two passes: the levels may stand before the names.
     *
     * @param file the JSON, not compressed
     * @throws ApiError 422 for what is no such document; 400 for what breaks a rule; 413 for what
     *     is too large
     */
    Decoded decode(PyroscopeDecoder.Source file, IngestRequest request, UploadMemory memory)
            throws IOException {
        FrameNames names = new FrameNames(memory);
        CallTree tree = new CallTree(stackRules, memory);
        try {
            FlamebearerOutline outline;
            try (ExpectedJson json = new ExpectedJson(file.open())) {
                outline = FlamebearerOutline.read(json, names, memory);
            }
            try (ExpectedJson json = new ExpectedJson(file.open())) {
                FlamebearerLevels levels = new FlamebearerLevels(json, outline, tree, memory);
                json.object(
                        "the file",
                        field -> {
                            if (field.equals("flamebearer")) {
                                json.object("flamebearer", bars -> isRead(bars, levels));
                                return true;
                            }
                            return false;
                        });
            }
            return profile(outline, names, tree, request, memory);
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    private static boolean isRead(String field, FlamebearerLevels levels) throws IOException {
        if (!field.equals("levels")) {
            return false;
        }
        levels.read();
        return true;
    }

    private Decoded profile(
            FlamebearerOutline outline,
            FrameNames names,
            CallTree tree,
            IngestRequest request,
            UploadMemory memory) {
        Dropped dropped = new Dropped();
        Profile.Builder profile =
                Profile.builder(
                                labelRules.check(request.typedLabels(request.name().app())),
                                outline.type())
                        .time(clock.check(request.fromNanos()), request.durationNanos())
                        .period(outline.factor());
        StackBuilder stacks = new StackBuilder(profile, stackRules, memory);
        tree.into(profile, stacks, names, outline.factor());
        dropped.count("stack-without-frames", tree.rootCount());
        dropped.count("truncated-stack", stacks.cut());
        return new Decoded(stacks.stacks() == 0 ? List.of() : List.of(profile.build()), dropped);
    }

    private static ApiError notJson(JsonProcessingException e) {
        return ApiError.unreadable("the file is not JSON: " + e.getOriginalMessage());
    }
}
