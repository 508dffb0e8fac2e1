package io.flarepath.api.ingest.pyroscope;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.api.server.TemporaryFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class FoldedFuzz {
    private static final MemoryBudget BUDGET = new MemoryBudget("uploads", 64 << 20);
    private static final UploadClock CLOCK =
            new UploadClock(() -> 1_800_000_000_000_000_000L, Duration.ofDays(36_500));
    private static final PyroscopeDecoder DECODER =
            new PyroscopeDecoder(
                    new TemporaryFiles(Path.of(System.getProperty("java.io.tmpdir")), 64 << 20),
                    Limits.DEFAULT,
                    CLOCK);

    /** The first byte chooses between a bare body and a form. */
    @FuzzTest
    void anyBytesAreDecodedOrRefused(byte[] bytes) {
        IngestRequest request = IngestRequest.of(QueryParameters.parse("name=app"), CLOCK);
        boolean form = bytes.length > 0 && bytes[0] == '-';
        UploadFormat format = form ? UploadFormat.FORM : UploadFormat.FOLDED;
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            DECODER.decode(
                    format,
                    "multipart/form-data; boundary=b",
                    request,
                    () -> new ByteArrayInputStream(bytes),
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
