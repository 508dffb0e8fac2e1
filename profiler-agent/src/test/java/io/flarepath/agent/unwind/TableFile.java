package io.flarepath.agent.unwind;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * A table of random rules in a file, written after docs/unwind-table-format.md, and what it says at
 * some addresses.
 */
final class TableFile {
    private static final int HEADER_BYTES = 64;
    private static final int KINDS = 10;

    final String identity;
    final Path path;
    final int rows;
    final long[] addresses;

    /** At those addresses, the twelve bytes. */
    final long[] rules;

    final int[] rests;

    private TableFile(String identity, Path path, int rows, int addresses) {
        this.identity = identity;
        this.path = path;
        this.rows = rows;
        this.addresses = new long[addresses];
        rules = new long[addresses];
        rests = new int[addresses];
    }

    /**
     * Writes one.
     *
     * @param number tells its rules apart from those of others, some common ones left out
     * @param rulesOfIts rules that no other one has
     */
    static TableFile write(
            Path folder, int number, int pages, int rowsOfPage, int rulesOfIts, Random random)
            throws IOException {
        String identity = "identity:" + number;
        int[] counts = new int[pages];
        int rows = 0;
        for (int page = 0; page < pages; page++) {
            counts[page] = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(rowsOfPage);
            rows += counts[page];
        }
        int rules = 1 + rulesOfIts + 3;
        byte[] name = identity.getBytes(StandardCharsets.UTF_8);
        int bytes = HEADER_BYTES + 4 * (pages + 1) + 4 * rows + 12 * rules + name.length;
        ByteBuffer image = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long base = random.nextInt(1 << 20);
        image.putLong(0x0044574e_55524c46L).putInt(1).putInt(1).putLong(bytes).putLong(base);
        image.putInt(pages).putInt(rows).putInt(rules).putInt(name.length).position(HEADER_BYTES);
        int first = 0;
        for (int page = 0; page < pages; page++) {
            image.putInt(first);
            first += counts[page];
        }
        image.putInt(first);
        TableFile file =
                new TableFile(identity, folder.resolve(number + ".unwind"), rows, 4 * pages);
        int rulesAt = image.position() + 4 * rows;
        putRules(image, rulesAt, number, rulesOfIts, random);
        for (int page = 0; page < pages; page++) {
            file.putPage(image, page, base + page, counts[page], rules, rulesAt, random);
        }
        image.position(rulesAt + 12 * rules).put(name);
        CRC32 crc = new CRC32();
        crc.update(image.array());
        image.putInt(48, (int) crc.getValue());
        Files.write(file.path, image.array());
        return file;
    }

    private static void putRules(ByteBuffer image, int at, int number, int ofIts, Random random) {
        for (int i = 1; i <= ofIts; i++) {
            putRule(image, at + 12 * i, 1 + random.nextInt(KINDS - 1), number, i);
        }
        for (int common = 1; common <= 3; common++) {
            putRule(image, at + 12 * (ofIts + common), common, -1, common);
        }
    }

    private static void putRule(ByteBuffer image, int at, int kind, int offset, int addend) {
        image.put(at, (byte) kind).putInt(at + 4, offset).putShort(at + 10, (short) addend);
    }

    private void putPage(
            ByteBuffer image,
            int index,
            long page,
            int count,
            int ruleCount,
            int rulesAt,
            Random random) {
        int[] lows = random.ints(0, 1 << 16).distinct().limit(Math.max(1, count)).toArray();
        lows[0] = 0;
        Arrays.sort(lows);
        int[] numbers = new int[lows.length];
        for (int row = 0; row < count; row++) {
            numbers[row] = random.nextInt(ruleCount);
            image.putShort((short) lows[row]).putShort((short) numbers[row]);
        }
        for (int i = 0; i < 4; i++) {
            int low = random.nextInt(1 << 16);
            int row = lows.length - 1;
            while (lows[row] > low) {
                row--;
            }
            int at = rulesAt + 12 * numbers[row];
            addresses[4 * index + i] = (page << 16) + low;
            rules[4 * index + i] = count == 0 ? 0 : image.getLong(at);
            rests[4 * index + i] = count == 0 ? 0 : image.getInt(at + 8);
        }
    }
}
