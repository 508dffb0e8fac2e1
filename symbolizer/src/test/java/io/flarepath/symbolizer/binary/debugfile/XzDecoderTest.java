package io.flarepath.symbolizer.binary.debugfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What xz packed comes out as it went in. */
final class XzDecoderTest {
    private static final long SEED = Long.getLong("flarepath.seed", 97);
    private static final int MOST = 32 << 20;

    @TempDir Path directory;

    private byte[] pack(byte[] content, String options) throws IOException {
        Path plain = directory.resolve("plain");
        Files.write(plain, content);
        Programs.run(directory, "sh", "-c", "xz -k -f " + options + " plain");
        return Files.readAllBytes(directory.resolve("plain.xz"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-0",
                "-6",
                "-9e",
                "--check=crc32",
                "--check=sha256",
                "--check=none",
                "--block-size=65536",
                "--lzma2=preset=6,lc=0,lp=4,pb=4",
                "--lzma2=preset=6,lc=4,lp=0,pb=0",
            })
    void contentOfManyKindsIsUnpacked(String options) throws IOException {
        Random random = new Random(SEED);
        byte[] noise = new byte[100_000];
        random.nextBytes(noise);
        byte[] repeated = new byte[1_000_000];
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = (byte) (i % 977 < 900 ? i % 977 : random.nextInt(256));
        }
        byte[] text = "the same sentence again. ".repeat(4000).getBytes(StandardCharsets.UTF_8);
        Path library = Path.of(System.getProperty("java.home"), "lib", "libjava.so");
        byte[][] contents = {new byte[0], {1}, noise, repeated, text, Files.readAllBytes(library)};
        for (byte[] content : contents) {
            assertThat(XzDecoder.decode(pack(content, options), MOST)).isEqualTo(content);
        }
    }

    @Test
    void moreThanTheBoundIsRefused() throws IOException {
        byte[] packed = pack(new byte[1 << 20], "-6");
        assertThat(XzDecoder.decode(packed, 1 << 20)).hasSize(1 << 20);
        assertThatThrownBy(() -> XzDecoder.decode(packed, (1 << 20) - 1))
                .isInstanceOf(MalformedBinaryException.class);
    }

    @Test
    void aChangedByteIsNoticed() throws IOException {
        byte[] content = "names of functions ".repeat(500).getBytes(StandardCharsets.UTF_8);
        byte[] packed = pack(content, "-6");
        // Up to the check at the end of the block; index and footer are not read.
        for (int i = 0; i < packed.length - 40; i++) {
            byte[] changed = packed.clone();
            changed[i] ^= 0x10;
            byte[] result;
            try {
                result = XzDecoder.decode(changed, MOST);
            } catch (MalformedBinaryException e) {
                continue;
            }
            assertThat(result).as("byte " + i).isEqualTo(content);
        }
    }
}
