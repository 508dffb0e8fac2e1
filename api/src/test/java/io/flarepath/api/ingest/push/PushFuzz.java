package io.flarepath.api.ingest.push;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class PushFuzz {
    private static final MemoryBudget BUDGET = new MemoryBudget("uploads", 32 << 20);
    private static final PushDecoder DECODER =
            new PushDecoder(
                    Limits.DEFAULT,
                    new UploadClock(() -> 1_800_000_000_000_000_000L, Duration.ofDays(36_500)));

    /** A brace begins JSON, anything else is protobuf. */
    @FuzzTest
    void anyBytesAreDecodedOrRefused(byte[] bytes) {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            DECODER.decode(
                    bytes.length > 0 && bytes[0] == '{'
                            ? PushJson.read(in, memory)
                            : PushProto.read(in, memory),
                    memory);
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
