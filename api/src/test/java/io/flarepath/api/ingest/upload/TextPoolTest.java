package io.flarepath.api.ingest.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TextPoolTest {
    private final TextPool pool = new TextPool();

    private final TextHash hash = new TextHash();

    private String of(String text) throws CharacterCodingException {
        byte[] utf8 = ("!" + text + "!").getBytes(StandardCharsets.UTF_8);
        return of(utf8, 1, utf8.length - 2);
    }

    private String of(byte[] bytes, int from, int length) throws CharacterCodingException {
        hash.of(bytes, from, length);
        return pool.text(hash.a(), hash.b(), bytes, from, length);
    }

    @Test
    void whatCameLatelyIsFoundAgain() throws CharacterCodingException {
        for (String text : new String[] {"main.main", "größer", "日本", "a\uFFFDb", "x"}) {
            String first = of(text);
            assertThat(first).isEqualTo(text);
            assertThat(of(text)).isSameAs(first);
        }
        assertThat(of("")).isEmpty();
    }

    /** Twice as many as it has places for; of every length, so that all ends of words come up. */
    @Test
    void manyTextsComeOutAsTheyWentIn() throws CharacterCodingException {
        String filling = "abcdefgh".repeat(30);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 140_000; i++) {
                String text = filling.substring(0, i % 40) + i;
                assertThat(of(text).equals(text)).isTrue();
            }
        }
        for (int length = 0; length < filling.length(); length++) {
            assertThat(of(filling.substring(0, length))).isEqualTo(filling.substring(0, length));
        }
    }

    @Test
    void asciiIsToldFromTheRestAtEveryPlace() {
        for (int length = 0; length < 40; length++) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, (byte) 0x7f);
            hash.of(bytes, 0, length);
            assertThat(hash.isAscii()).isTrue();
            for (int at = 0; at < length; at++) {
                bytes[at] = (byte) 0x80;
                hash.of(bytes, 0, length);
                assertThat(hash.isAscii()).as("%d of %d", at, length).isFalse();
                bytes[at] = 0x7f;
            }
        }
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        for (byte[] bytes : new byte[][] {{(byte) 0xc3, 0x28}, {'a', (byte) 0xff}, {(byte) 0xe6}}) {
            assertThatThrownBy(() -> of(bytes, 0, bytes.length))
                    .isInstanceOf(CharacterCodingException.class);
        }
    }
}
