package io.flarepath.api.ingest.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextPoolTest {
    private final TextPool pool = new TextPool();

    private PooledText of(String text) throws CharacterCodingException {
        byte[] utf8 = ("!" + text + "!").getBytes(StandardCharsets.UTF_8);
        return pool.text(utf8, 1, utf8.length - 2);
    }

    @Test
    void whatCameLatelyIsFoundAgain() throws CharacterCodingException {
        for (String text : new String[] {"main.main", "größer", "日本", "a\uFFFDb", "x"}) {
            PooledText first = of(text);
            assertThat(first.text()).isEqualTo(text);
            assertThat(of(text)).isSameAs(first);
        }
        assertThat(of("").text()).isEmpty();
    }

    /** Twice as many as it has places for; of every length, so that all ends of words come up. */
    @Test
    void manyTextsComeOutAsTheyWentIn() throws CharacterCodingException {
        String filling = "abcdefgh".repeat(30);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 140_000; i++) {
                String text = filling.substring(0, i % 40) + i;
                assertThat(of(text).text().equals(text)).isTrue();
            }
        }
        for (int length = 0; length < filling.length(); length++) {
            assertThat(of(filling.substring(0, length)).text())
                    .isEqualTo(filling.substring(0, length));
        }
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        for (byte[] bytes : new byte[][] {{(byte) 0xc3, 0x28}, {'a', (byte) 0xff}, {(byte) 0xe6}}) {
            assertThatThrownBy(() -> pool.text(bytes, 0, bytes.length))
                    .isInstanceOf(CharacterCodingException.class);
        }
    }
}
