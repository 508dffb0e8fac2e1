package io.flarepath.symbolizer.jfr;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import org.junit.jupiter.api.Tag;

/** Any bytes are read within bounds or refused. */
@Tag("fuzz")
final class RecordingFuzz {
    private static final long MOST_BYTES_A_BYTE = 600;

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) {
        long[] taken = {0};
        try {
            new RecordingReader(ByteSource.of(bytes), more -> taken[0] += more)
                    .read(sample -> {
                        if (sample.count() < 1 || sample.amount() < 0) {
                            throw new AssertionError("a sample of " + sample);
                        }
                    });
        } catch (MalformedRecordingException e) {
            // the answer to a damaged recording
        } catch (IOException e) {
            throw new AssertionError("memory cannot fail to be read", e);
        }
        if (taken[0] > 100_000 + MOST_BYTES_A_BYTE * bytes.length) {
            throw new AssertionError(bytes.length + " bytes took " + taken[0]);
        }
    }
}
