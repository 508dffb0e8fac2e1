package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Modified UTF-8, as the class library writes it. */
final class VmSymbolsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "run", "größe", "日本語", "\ud83d\ude00"})
    void textComesBack(String text) throws IOException, UnreadableException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new DataOutputStream(bytes).writeUTF(text);
        byte[] utf = bytes.toByteArray();
        assertThat(VmSymbols.decode(utf, 2, utf.length - 2)).isEqualTo(text);
    }

    @Test
    void whatIsNoTextIsRefused() {
        byte[][] wrong = {
            {(byte) 0xc3},
            {(byte) 0xe3, (byte) 0x81},
            {(byte) 0xf0},
            {0},
            {'\n'},
            {(byte) 0x80},
            {(byte) 0xc3, 'a'}
        };
        for (byte[] bytes : wrong) {
            assertThatThrownBy(() -> VmSymbols.decode(bytes, 0, bytes.length))
                    .isInstanceOf(UnreadableException.class);
        }
    }
}
