package io.flarepath.symbolizer.live.hotspot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed numbers and line tables. */
final class CompressedNumbersTest {
    /** The table of a real method, from which the lines beside it were read by others. */
    private static final int[] TABLE = {
        255, 0, 252, 11, 41, 33, 81, 57, 57, 119, 255, 6, 9, 17, 52, 255, 6, 3, 17, 42, 0
    };

    private static final int[][] LINES = {
        {0, 478}, {5, 479}, {9, 480}, {19, 481}, {26, 482}, {33, 483}, {47, 490}, {50, 485},
        {52, 486}, {58, 490}, {61, 488}, {63, 489}, {68, 491}
    };

    @Test
    void aLineTableGivesTheLineOfTheNearestBytecodeBefore() {
        LineTable lines = LineTable.read(bytes(TABLE), 0, TABLE.length, false);
        for (int[] pair : LINES) {
            assertThat(lines.line(pair[0])).as("bci %d", pair[0]).isEqualTo(pair[1]);
        }
        assertThat(lines.line(4)).isEqualTo(478);
        assertThat(lines.line(1000)).isEqualTo(491);
        assertThat(lines.line(-1)).isZero();
    }

    @Test
    void aTableThatIsCutKeepsTheRowsBeforeTheCut() {
        for (int length = 0; length < TABLE.length; length++) {
            LineTable lines = LineTable.read(bytes(TABLE), 0, length, false);
            assertThat(lines.line(5)).isIn(0, 478, 479);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void numbersComeBackAsTheyWereWritten(boolean withoutZeroBytes) throws UnreadableException {
        for (int shift = 0; shift < 32; shift++) {
            for (int near = -3; near <= 3; near++) {
                int number = (1 << shift) + near;
                byte[] written = written(number, withoutZeroBytes);
                var in = new CompressedNumbers(written, 0, written.length, withoutZeroBytes);
                assertThat(in.unsigned()).isEqualTo(number);
                assertThatThrownBy(in::u8).isInstanceOf(UnreadableException.class);
                byte[] signed = written((number << 1) ^ (number >> 31), withoutZeroBytes);
                in = new CompressedNumbers(signed, 0, signed.length, withoutZeroBytes);
                assertThat(in.signed()).isEqualTo(number);
            }
        }
    }

    @Test
    void aZeroByteIsNoNumberWhereThereIsNone() {
        var in = new CompressedNumbers(new byte[5], 0, 5, true);
        assertThatThrownBy(in::unsigned).isInstanceOf(UnreadableException.class);
    }

    /** The encoder of OpenJDK's description: low digits first, to the base of 64. */
    static byte[] written(int number, boolean withoutZeroBytes) {
        int excluded = withoutZeroBytes ? 1 : 0;
        int low = 192 - excluded;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long sum = number & 0xffffffffL;
        for (int i = 0; i < 4 && sum >= low; i++) {
            sum -= low;
            out.write((int) (low + sum % 64) + excluded);
            sum /= 64;
        }
        out.write((int) sum + excluded);
        return out.toByteArray();
    }

    private static byte[] bytes(int[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
