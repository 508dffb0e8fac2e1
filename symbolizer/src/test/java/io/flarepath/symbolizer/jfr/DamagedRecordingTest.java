package io.flarepath.symbolizer.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Recordings that are cut, flipped or put together are read or refused, in bounded time and room.
 */
@Timeout(120)
final class DamagedRecordingTest {
    private static byte[] whole = {};

    @BeforeAll
    static void record(@TempDir Path directory) throws IOException {
        whole =
                Files.readAllBytes(
                        RecordedPrograms.byAsyncProfiler(
                                        directory, 300, "event=itimer,alloc=1m,lock=1ms")
                                .recording());
    }

    private static ReadRecording read(byte[] bytes) throws IOException {
        return ReadRecording.of(ByteSource.of(bytes));
    }

    @Test
    void aCutOneIsRefused() {
        for (int length = 0; length < whole.length; length += 1 + whole.length / 500) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut))
                    .isInstanceOf(MalformedRecordingException.class)
                    .hasMessageMatching(".*(cut|FLR).*");
        }
    }

    @Test
    void oneThatIsStillWrittenSaysSo() {
        byte[] open = whole.clone();
        Arrays.fill(open, 8, 16, (byte) 0);
        assertThatThrownBy(() -> read(open))
                .isInstanceOf(MalformedRecordingException.class)
                .hasMessageContaining("was not finished");
    }

    @Test
    void flippedBytesAreReadOrRefused() throws IOException {
        Random random = new Random(20_261_128);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] flipped = whole.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                read(flipped);
            } catch (MalformedRecordingException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 1_999);
    }

    /** Keys hold within their chunk: the same chunk twice gives each sample twice. */
    @Test
    void chunksAddUp() throws IOException {
        byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
        System.arraycopy(whole, 0, twice, whole.length, whole.length);
        ReadRecording once = read(whole);
        ReadRecording both = read(twice);
        assertThat(both.samples()).hasSize(2 * once.samples().size());
        assertThat(both.stacks().count()).isEqualTo(once.stacks().count());
        assertThat(both.threads()).isEqualTo(once.threads());
        assertThat(once.samples()).isNotEmpty();
    }

    @Test
    void whoeverPaysForTheMemoryCanStopIt() {
        long[] taken = {0};
        RecordingReader reader =
                new RecordingReader(
                        ByteSource.of(whole),
                        bytes -> {
                            taken[0] += bytes;
                            if (taken[0] > 10_000) {
                                throw new IllegalStateException("too much");
                            }
                        });
        assertThatThrownBy(() -> reader.read(sample -> {})).hasMessage("too much");
    }
}
