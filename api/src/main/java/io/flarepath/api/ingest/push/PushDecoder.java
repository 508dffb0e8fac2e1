package io.flarepath.api.ingest.push;

import io.flarepath.api.ingest.pprof.PprofDecoder;
import io.flarepath.api.ingest.pprof.PprofRequest;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes profiles of a {@code PushRequest}. A series that breaks a rule does not keep the others
 * from being stored; the answer names each of them. Safe for many threads.
 */
final class PushDecoder {
    /** Of these the answer tells one by one; of more, how many there are. */
    private static final int MOST_TOLD = 10;

    private final Limits limits;
    private final UploadClock clock;
    private final PprofDecoder pprof;

    PushDecoder(Limits limits, UploadClock clock) {
        this.limits = limits;
        this.clock = clock;
        this.pprof = new PprofDecoder(new LabelRules(limits), new StackRules(limits), clock);
    }

    /**
     * Decodes.
     *
     * @throws ApiError 400 for a request without profiles; 413 and 429 for what is too much
     */
    Decoded decode(List<PushSeries> request, UploadMemory memory) {
        if (request.stream().allMatch(series -> series.samples().isEmpty())) {
            throw ApiError.invalid("no profiles received");
        }
        Dropped dropped = new Dropped();
        List<Profile> profiles = new ArrayList<>();
        List<String> refusals = new ArrayList<>();
        for (int i = 0; i < request.size(); i++) {
            PushSeries series = request.get(i);
            for (PushSeries.Sample sample : series.samples()) {
                try {
                    profiles.addAll(decode(series, sample, dropped, memory));
                } catch (ApiError e) {
                    String told = told(i, sample, e);
                    refusals.add(refusals.size() < MOST_TOLD ? told : "");
                }
            }
        }
        return new Decoded(profiles, dropped, refusal(refusals));
    }

    private List<Profile> decode(
            PushSeries series, PushSeries.Sample sample, Dropped dropped, UploadMemory memory) {
        PushLabels labels = PushLabels.of(series.labels());
        long now = clock.now();
        PprofRequest request =
                new PprofRequest(
                        labels.labels(),
                        labels.spyName(),
                        now,
                        now,
                        false,
                        Map.of(),
                        labels.family());
        try (InputStream in =
                InflatedInput.sniffed(
                        new ByteArrayInputStream(sample.pprof()), limits.inflatedBytes())) {
            Decoded decoded = pprof.decode(in, request, memory);
            decoded.dropped().counts().forEach(dropped::count);
            return decoded.profiles();
        } catch (IOException e) {
            throw ApiError.invalid("the profile cannot be read: " + e.getMessage());
        }
    }

    /** What the client can mend is told; what is too much ends the whole request. */
    private static String told(int index, PushSeries.Sample sample, ApiError e) {
        if (!e.code().equals("invalid_argument")) {
            throw e;
        }
        return "push series with index "
                + index
                + " and id "
                + LabelRules.shown(sample.id())
                + " failed: "
                + e.getMessage();
    }

    private static @Nullable ApiError refusal(List<String> refusals) {
        if (refusals.isEmpty()) {
            return null;
        }
        int told = Math.min(MOST_TOLD, refusals.size());
        String message = String.join("; ", refusals.subList(0, told));
        return ApiError.invalid(
                told == refusals.size()
                        ? message
                        : message + "; and " + (refusals.size() - told) + " more");
    }
}
