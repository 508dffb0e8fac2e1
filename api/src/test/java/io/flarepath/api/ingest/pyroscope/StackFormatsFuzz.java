package io.flarepath.api.ingest.pyroscope;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.api.server.TemporaryFiles;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;

@Tag("fuzz")
class StackFormatsFuzz {
    private static final MemoryBudget BUDGET = new MemoryBudget("uploads", 32 << 20);
    private static final UploadClock CLOCK =
            new UploadClock(() -> 1_800_000_000_000_000_000L, Duration.ofDays(36_500));
    private static final PyroscopeDecoder DECODER =
            new PyroscopeDecoder(
                    new TemporaryFiles(Path.of(System.getProperty("java.io.tmpdir")), 64 << 20),
                    Limits.DEFAULT,
                    CLOCK);

    private static final FlamebearerDecoder FLAME_GRAPHS =
            new FlamebearerDecoder(
                    new LabelRules(Limits.DEFAULT), new StackRules(Limits.DEFAULT), CLOCK);

    @FuzzTest
    void treesAreDecodedOrRefused(byte[] bytes) {
        decode(UploadFormat.TREE, bytes);
    }

    @FuzzTest
    void triesAreDecodedOrRefused(byte[] bytes) {
        decode(UploadFormat.TRIE, bytes);
    }

    @FuzzTest
    void linesAreDecodedOrRefused(byte[] bytes) {
        decode(UploadFormat.LINES, bytes);
    }

    @FuzzTest
    void speedscopeIsDecodedOrRefused(byte[] bytes) {
        decode(UploadFormat.SPEEDSCOPE, bytes);
    }

    @FuzzTest
    void flameGraphsAreDecodedOrRefused(byte[] bytes) {
        decode(FLAME_GRAPHS::decode, bytes);
    }

    private static void decode(UploadFormat format, byte[] bytes) {
        decode(
                (source, request, memory) -> DECODER.decode(format, "", request, source, memory),
                bytes);
    }

    /** Decodes what it is given. */
    @FunctionalInterface
    private interface Decoder {
        Decoded decode(PyroscopeDecoder.Source source, IngestRequest request, UploadMemory memory)
                throws IOException;
    }

    private static void decode(Decoder decoder, byte[] bytes) {
        IngestRequest request = IngestRequest.of(QueryParameters.parse("name=app"), CLOCK);
        try (UploadMemory memory = new UploadMemory(BUDGET)) {
            Decoded decoded =
                    decoder.decode(() -> new ByteArrayInputStream(bytes), request, memory);
            for (Profile profile : decoded.profiles()) {
                if (profile.total() <= 0) {
                    throw new AssertionError("a profile of nothing was made");
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
