package io.flarepath.symbolizer.binary.unwind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UnwindTableTest {
    private static final long SEED = Long.getLong("flarepath.seed", 97);
    private static final int PAGE = 1 << 16;

    @TempDir Path directory;

    private static UnwindRule sp(int offset) {
        return new UnwindRule(Kind.CFA_SP, 0, Saved.SAME, 0, offset, 0, 0);
    }

    private static UnwindTableWriter writer(long... startsAndEnds) throws IOException {
        List<long[]> ranges = new ArrayList<>();
        for (int i = 0; i < startsAndEnds.length; i += 2) {
            ranges.add(new long[] {startsAndEnds[i], startsAndEnds[i + 1]});
        }
        return new UnwindTableWriter(CodeRanges.of(ranges));
    }

    private UnwindTable finish(UnwindTableWriter writer) throws IOException {
        Path path = directory.resolve("table");
        writer.finish(path, "id:hash", true);
        return UnwindTable.open(path);
    }

    /** The rule of each byte, kept without any cleverness. */
    private static final class Naive {
        final UnwindRule[] rules;
        final boolean[] code;

        Naive(int bytes) {
            rules = new UnwindRule[bytes];
            code = new boolean[bytes];
        }

        void rule(int start, int end, UnwindRule rule) {
            for (int i = Math.max(0, start); i < Math.min(end, rules.length); i++) {
                rules[i] = code[i] && rules[i] == null ? rule : rules[i];
            }
        }

        void fill(int padding, UnwindRule rule) {
            for (int i = 0; i < rules.length; ) {
                int end = i;
                while (end < rules.length && rules[end] == null && code[end]) {
                    end++;
                }
                boolean afterRule = i > 0 && code[i - 1];
                UnwindRule filled = end - i < padding && afterRule ? rules[i - 1] : rule;
                Arrays.fill(rules, i, end, filled);
                i = end + (end == i ? 1 : 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void anyRangesInAnyOrderAreFoundAsANaiveMapHasThem(int round) throws IOException {
        Random random = new Random(SEED * 1000 + round);
        long base = random.nextLong(1L << 46) & ~(PAGE - 1L);
        int bytes = 5 * PAGE;
        Naive naive = new Naive(bytes);
        List<long[]> ranges = new ArrayList<>();
        for (int at = random.nextInt(PAGE); at < bytes; ) {
            int end = Math.min(bytes, at + 1 + random.nextInt(2 * PAGE));
            ranges.add(new long[] {base + at, base + end});
            Arrays.fill(naive.code, at, end, true);
            at = end + 1 + random.nextInt(PAGE);
        }
        UnwindTableWriter writer = new UnwindTableWriter(CodeRanges.of(ranges));
        int longest = random.nextBoolean() ? 40 : 70_000;
        int mostGap = random.nextBoolean() ? 1 : 30;
        int at = 0;
        for (int i = 0; i < 2000; i++) {
            // Mostly one after the other, as linkers write them; sometimes anywhere.
            at = random.nextInt(8) > 0 ? at + random.nextInt(mostGap) : random.nextInt(bytes);
            int end = at + random.nextInt(longest);
            UnwindRule rule = sp(8 * random.nextInt(9));
            writer.rule(base + at, base + end, rule);
            naive.rule(at, end, rule);
            at = end % bytes;
        }
        writer.visitGaps((start, end) -> {
            for (int i = (int) (start - base); i < end - base; i++) {
                assertThat(naive.rules[i]).isNull();
                assertThat(naive.code[i]).isTrue();
            }
            if (end - start > 100) {
                writer.rule(start + 1, start + 50, UnwindRule.STOP);
                naive.rule((int) (start + 1 - base), (int) (start + 50 - base), UnwindRule.STOP);
            }
        });
        writer.fillGaps(16, UnwindRule.FRAME_POINTER);
        naive.fill(16, UnwindRule.FRAME_POINTER);
        UnwindTable table = finish(writer);
        for (int i = 0; i < bytes; i++) {
            UnwindRule wanted = naive.code[i] ? naive.rules[i] : UnwindRule.UNKNOWN;
            if (!table.find(base + i).equals(wanted)) {
                assertThat(table.find(base + i)).as("at " + i).isEqualTo(wanted);
            }
        }
        assertThat(table.find(base - 1)).isEqualTo(UnwindRule.UNKNOWN);
        assertThat(table.find(base + bytes)).isEqualTo(UnwindRule.UNKNOWN);
        checkPages(table);
    }

    /** Each page starts at 0, is sorted, and repeats nothing. */
    private static void checkPages(UnwindTable table) {
        short[] numbers = new short[table.ruleCount()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (short) (i + 100);
        }
        int rows = 0;
        for (int page = 0; page < table.pageCount(); page++) {
            ByteBuffer buffer =
                    ByteBuffer.allocate(4 * table.rowsOf(page)).order(ByteOrder.LITTLE_ENDIAN);
            table.copyRows(page, buffer, numbers);
            buffer.flip();
            assertThat(table.firstRow(page)).isEqualTo(rows);
            int before = -1;
            int rule = -1;
            for (; buffer.hasRemaining(); rows++) {
                int low = Short.toUnsignedInt(buffer.getShort());
                assertThat(before < 0 ? low == 0 : low > before).isTrue();
                before = low;
                int number = buffer.getShort() - 100;
                assertThat(number).isNotEqualTo(rule).isBetween(0, table.ruleCount() - 1);
                rule = number;
                long address = ((table.pageBase() + page) << 16) + low;
                assertThat(table.find(address)).isEqualTo(table.rule(number));
            }
        }
        assertThat(rows).isPositive().isEqualTo(table.rowCount());
    }

    @Test
    void rulesKeepAllTheirParts() throws IOException {
        List<UnwindRule> rules = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (Saved saved : Saved.values()) {
                rules.add(new UnwindRule(kind, 255, saved, 17, -1 << 31, -32768, 32767));
            }
        }
        UnwindTableWriter writer = writer(0, 0x1000);
        for (int i = 0; i < rules.size(); i++) {
            writer.rule(16L * i, 16L * i + 16, rules.get(i));
        }
        UnwindTable table = finish(writer);
        assertThat(table.ruleCount()).isEqualTo(rules.size() + 1);
        for (int i = 0; i < rules.size(); i++) {
            assertThat(table.find(16L * i)).isEqualTo(rules.get(i));
            ByteBuffer one = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer other = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
            rules.get(i).put(one);
            table.putRule(i + 1, other);
            assertThat(other.array()).isEqualTo(one.array());
        }
        assertThat(table.identity()).isEqualTo("id:hash");
        assertThat(table.hasRules()).isTrue();
        assertThat(table.bytes()).isEqualTo(Files.size(directory.resolve("table")));
    }

    @Test
    void whatHasNoRoomInATableIsUnknown() throws IOException {
        UnwindTableWriter writer = writer(0, 1 << 20);
        writer.rule(0, 8, new UnwindRule(Kind.CFA_SP, 0, Saved.AT_CFA, 0, 8, 32768, 0));
        for (int i = 0; i < 70_000; i++) {
            writer.rule(8L + i, 9L + i, sp(i));
        }
        UnwindTable table = finish(writer);
        assertThat(table.ruleCount()).isEqualTo(65_535);
        assertThat(table.find(0)).isEqualTo(UnwindRule.UNKNOWN);
        assertThat(table.find(8 + 65_533)).isEqualTo(sp(65_533));
        for (int i = 65_534; i < 70_000; i++) {
            assertThat(table.find(8 + i)).isEqualTo(UnwindRule.UNKNOWN);
        }
        assertThat(writer.rulesDropped()).isEqualTo(70_000 - 65_534);
    }

    @Test
    void pagesWithoutCodeHaveNoRows() throws IOException {
        UnwindTableWriter writer = writer(0x1_0010, 0x1_0020, 0x9_0000, 0x9_0008);
        writer.rule(0, Long.MAX_VALUE, sp(8));
        UnwindTable table = finish(writer);
        assertThat(table.pageBase()).isEqualTo(1);
        assertThat(table.pageCount()).isEqualTo(9);
        assertThat(table.rowsOf(0)).isEqualTo(3);
        for (int page = 1; page < 8; page++) {
            assertThat(table.rowsOf(page)).isZero();
        }
        assertThat(table.rowsOf(8)).isEqualTo(2);
        assertThat(table.find(0x1_000f)).isEqualTo(UnwindRule.UNKNOWN);
        assertThat(table.find(0x1_0010)).isEqualTo(sp(8));
        assertThat(table.find(0x5_0000)).isEqualTo(UnwindRule.UNKNOWN);
        assertThat(table.find(0x9_0008)).isEqualTo(UnwindRule.UNKNOWN);
    }

    @Test
    void codeUpToTheLastByteOfFourGibibytesIsKept() throws IOException {
        UnwindTableWriter writer = writer(0, 1L << 32);
        writer.rule((1L << 32) - 4, 1L << 32, sp(16));
        writer.rule(0x8000_0000L, 0x8000_0001L, sp(24));
        UnwindTable table = finish(writer);
        assertThat(table.find((1L << 32) - 1)).isEqualTo(sp(16));
        assertThat(table.find(0x8000_0000L)).isEqualTo(sp(24));
        assertThat(table.find(0x8000_0001L)).isEqualTo(UnwindRule.UNKNOWN);
        assertThatThrownBy(() -> writer(0, (1L << 32) + 1))
                .isInstanceOf(MalformedBinaryException.class);
    }

    @Test
    void aChangedOrCutFileIsRefused() throws IOException {
        UnwindTableWriter writer = writer(0, 0x2_0000);
        writer.rule(0x10, 0x20, sp(8));
        writer.rule(0x1_0000, 0x1_0004, UnwindRule.STOP);
        Path path = directory.resolve("table");
        writer.finish(path, "id:hash", true);
        byte[] image = Files.readAllBytes(path);
        for (int i = 0; i < image.length; i++) {
            byte[] changed = image.clone();
            changed[i] ^= 1;
            Files.write(path, changed);
            assertThatThrownBy(() -> UnwindTable.open(path))
                    .as("byte " + i)
                    .isInstanceOf(MalformedBinaryException.class);
        }
        for (int length = 0; length < image.length; length++) {
            Files.write(path, Arrays.copyOf(image, length));
            assertThatThrownBy(() -> UnwindTable.open(path))
                    .isInstanceOf(MalformedBinaryException.class);
        }
        Files.write(path, image);
        assertThat(UnwindTable.open(path).find(0x10)).isEqualTo(sp(8));
    }

    @Test
    void moreRowsThanMayBeAreRefusedAndLeaveNoFile() throws IOException {
        UnwindTableWriter writer = writer(0, 1L << 32);
        for (long i = 0; i < RuleColumns.MAX_ROWS; i++) {
            writer.rule(2 * i, 2 * i + 1, sp(8));
        }
        assertThatThrownBy(() -> writer.rule(1L << 31, (1L << 31) + 1, sp(8)))
                .isInstanceOf(MalformedBinaryException.class);
        Path missing = directory.resolve("missing/table");
        assertThatThrownBy(() -> writer.finish(missing, "", true)).isInstanceOf(IOException.class);
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Files.writeString(folder.resolve("occupied"), "");
        assertThatThrownBy(() -> writer.finish(folder, "", true)).isInstanceOf(IOException.class);
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactly(folder);
        }
    }
}
