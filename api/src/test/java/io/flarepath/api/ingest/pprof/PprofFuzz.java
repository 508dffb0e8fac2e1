package io.flarepath.api.ingest.pprof;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class PprofFuzz {
    private static final MemoryBudget BUDGET = new MemoryBudget("uploads", 64 << 20);
    private static final UploadClock CLOCK =
            new UploadClock(() -> 1_800_000_000_000_000_000L, Duration.ofDays(36_500));
    private static final PprofDecoder DECODER =
            new PprofDecoder(new LabelRules(Limits.DEFAULT), new StackRules(Limits.DEFAULT), CLOCK);

    @FuzzTest
    void anyBytesAreDecodedOrRefused(byte[] bytes) {
        PprofRequest request =
                new PprofRequest(Map.of("service_name", "x"), "gospy", 1, 2, true, Map.of());
        try (UploadMemory memory = new UploadMemory(BUDGET);
                InflatedInput in =
                        InflatedInput.sniffed(new ByteArrayInputStream(bytes), 16 << 20)) {
            for (Profile profile : DECODER.decode(in, request, memory).profiles()) {
                if (profile.total() <= 0) {
                    throw new AssertionError("a profile without a value");
                }
            }
        } catch (ApiError | IOException refused) {
            if (refused.getMessage() == null || refused.getMessage().isEmpty()) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
        if (BUDGET.reserved() != 0) {
            throw new AssertionError("memory was not given back: " + BUDGET.reserved());
        }
    }
}
