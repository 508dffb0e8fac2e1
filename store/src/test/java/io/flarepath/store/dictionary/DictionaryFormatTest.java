package io.flarepath.store.dictionary;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pieces of dictionaries as earlier versions wrote them, and as this one does. */
class DictionaryFormatTest {
    private static final Frame PLAIN =
            new Frame("work", "work.c", 12, "app", "ab01", 0, FrameKind.NATIVE, false);
    private static final Frame INLINED =
            new Frame("add", "add.h", 3, "app", "ab01", 0, FrameKind.NATIVE, true);
    private static final Frame ADDRESS =
            new Frame("app+0x1234", "", 0, "app", "ab01", 0x1234, FrameKind.NATIVE, false);

    @Test
    void versionOneIsReadAsItWasMeant() throws IOException {
        assertThat(frames(stored("dictionary-v1.hex"))).containsExactly(PLAIN, INLINED, ADDRESS);
    }

    @Test
    void versionTwoKeepsConfidenceAndWhatAnAddressIs() throws IOException {
        Frame offset =
                new Frame(
                        "app+0x99",
                        "",
                        0,
                        "app",
                        "ab01",
                        0x99,
                        FrameKind.NATIVE,
                        false,
                        false,
                        true);
        List<Frame> frames =
                List.of(
                        PLAIN,
                        INLINED,
                        ADDRESS,
                        PLAIN.withLowConfidence(true),
                        INLINED.withLowConfidence(true),
                        offset,
                        offset.withLowConfidence(true));
        assertThat(frames(piece(frames))).containsExactlyElementsOf(frames);
        assertThat(frames(stored("dictionary-v2.hex"))).containsExactlyElementsOf(frames);
    }

    /** What has no new flag is written as version 1 did, byte by byte. */
    @Test
    void theFlagsAreAllThatIsNew() throws IOException {
        assertThat(HexFormat.of().formatHex(piece(List.of(PLAIN, INLINED, ADDRESS))))
                .isEqualTo(HexFormat.of().formatHex(stored("dictionary-v1.hex")));
    }

    private static byte[] piece(List<Frame> frames) {
        Profile.Builder builder =
                Profile.builder(Labels.of(Map.of("service_name", "shop")), ProfileType.CPU);
        for (Frame frame : frames) {
            builder.stack(new int[] {builder.frame(frame)}, 1, 1);
        }
        Dictionary dictionary = new Dictionary(1000, 1 << 20);
        dictionary.internStacks(builder.build());
        try (ZstdPool zstd = new ZstdPool()) {
            return DictionaryCodec.encode(dictionary, Counts.NONE, zstd);
        }
    }

    private static List<Frame> frames(byte[] piece) {
        Dictionary dictionary = new Dictionary(1000, 1 << 20);
        try (ZstdPool zstd = new ZstdPool()) {
            assertThat(DictionaryCodec.decode(piece, dictionary, zstd)).isTrue();
        }
        dictionary.publish();
        DictionaryView view = dictionary.view();
        return java.util.stream.IntStream.range(0, view.frameCount())
                .mapToObj(view::frame)
                .toList();
    }

    private static byte[] stored(String name) throws IOException {
        try (InputStream in = DictionaryFormatTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
            return HexFormat.of().parseHex(hex);
        }
    }
}
