package io.flarepath.store.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.BitReader;
import io.flarepath.store.encoding.BitWriter;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Rice;
import io.flarepath.store.encoding.ZstdPool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums, lists and spreads: what is packed is unpacked, whatever it is. */
class WindowPartTest {
    private static final ZstdPool ZSTD = new ZstdPool();

    @AfterAll
    static void free() {
        ZSTD.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void numbersOfAllSizesInRiceCode(long seed) {
        Random random = new Random(seed);
        long[] numbers = new long[500];
        int[] below = new int[500];
        BitWriter out = new BitWriter(16);
        Rice adaptive = new Rice(3);
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextLong() >>> (1 + random.nextInt(63));
            below[i] = 1 + (random.nextInt() >>> (1 + random.nextInt(31)));
            adaptive.write(out, numbers[i]);
            Rice.write(out, numbers[i], i % 32);
            Rice.writeUniform(out, (int) (numbers[i] % below[i]), below[i]);
        }
        ByteWriter bytes = out.finish();
        BitReader in = new BitReader(new ByteReader(bytes.array(), 0, bytes.size()));
        Rice same = new Rice(3);
        for (int i = 0; i < numbers.length; i++) {
            assertThat(same.read(in)).as("seed %d, number %d", seed, i).isEqualTo(numbers[i]);
            assertThat(Rice.read(in, i % 32)).isEqualTo(numbers[i]);
            assertThat(Rice.readUniform(in, below[i])).isEqualTo((int) (numbers[i] % below[i]));
        }
        in.end();
        BitReader cut = new BitReader(new ByteReader(bytes.array(), 0, bytes.size() - 9));
        Rice once = new Rice(3);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < numbers.length; i++) {
                                long _ = once.read(cut);
                                long _ = Rice.read(cut, i % 32);
                                int _ = Rice.readUniform(cut, below[i]);
                            }
                            cut.end();
                        })
                .isInstanceOf(CorruptValueException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsPackedIsUnpacked(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            int members = 1 + random.nextInt(70);
            int stackBound = 1 + random.nextInt(random.nextBoolean() ? 40 : 4000);
            long unit = random.nextBoolean() ? 1 : 10_309_278;
            TreeMap<Integer, long[]> cells = new TreeMap<>();
            for (int i = random.nextInt(3000); i > 0; i--) {
                long value = (random.nextInt(20) == 0 ? random.nextInt(100_000) : 1L) * unit;
                cells.computeIfAbsent(
                                        (int) (stackBound * Math.pow(random.nextDouble(), 3)),
                                        stack -> new long[members])[random.nextInt(members)] +=
                        value;
            }
            cells.values().removeIf(row -> Arrays.stream(row).sum() == 0);
            Rows sums =
                    new Rows(
                            cells.keySet().stream().mapToInt(Integer::intValue).toArray(),
                            cells.values().stream()
                                    .mapToLong(row -> Arrays.stream(row).sum())
                                    .toArray());
            Rows read = SumsBlock.open(SumsBlock.encode(sums, 77, ZSTD)).read(ZSTD);
            assertThat(read.stacks()).as("seed %d", seed).isEqualTo(sums.stacks());
            assertThat(read.values()).isEqualTo(sums.values());
            byte[] packed = detail(cells).encode(members);
            Detail detail = Detail.open(packed, sums, members, ZSTD);
            for (int member = 0; member < members; member++) {
                boolean[] wanted = new boolean[members];
                wanted[member] = true;
                int one = member;
                assertThat(detail.of(sums, wanted).values())
                        .as("seed %d, profile %d", seed, member)
                        .isEqualTo(
                                cells.values().stream()
                                        .mapToLong(row -> row[one])
                                        .filter(value -> value > 0)
                                        .toArray());
            }
            if (sums.count() > 0) {
                Rows others = new Rows(sums.stacks(), sums.values().clone());
                others.values()[0] += unit * members;
                assertThatThrownBy(() -> Detail.open(packed, others, members + 1, ZSTD))
                        .isInstanceOf(CorruptValueException.class);
            }
        }
    }

    private static Detail detail(SortedMap<Integer, long[]> cells) {
        int count =
                (int)
                        cells.values().stream()
                                .flatMapToLong(Arrays::stream)
                                .filter(value -> value > 0)
                                .count();
        int[] starts = new int[cells.size() + 1];
        int[] members = new int[count];
        long[] values = new long[count];
        int row = 0;
        int at = 0;
        for (long[] each : cells.values()) {
            for (int member = 0; member < each.length; member++) {
                if (each[member] > 0) {
                    members[at] = member;
                    values[at++] = each[member];
                }
            }
            starts[++row] = at;
        }
        return new Detail(starts, members, values);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void listsOfProfilesAreUnpacked(long seed) {
        Random random = new Random(seed);
        int count = random.nextInt(200);
        long[][] columns = new long[5][count];
        for (long[] column : columns) {
            Arrays.setAll(column, i -> random.nextLong() >>> (2 + random.nextInt(40)));
        }
        columns[4] = Arrays.stream(columns[4]).map(total -> total >>> 10).toArray();
        Arrays.setAll(columns[1], i -> random.nextLong());
        Members members = new Members(columns[0], columns[1], columns[2], columns[3], columns[4]);
        Members read = Members.open(members.encode(ZSTD), ZSTD);
        assertThat(read.starts()).as("seed %d", seed).isEqualTo(columns[0]);
        assertThat(read.hashes()).isEqualTo(columns[1]);
        assertThat(read.durations()).isEqualTo(columns[2]);
        assertThat(read.periods()).isEqualTo(columns[3]);
        assertThat(read.totals()).isEqualTo(columns[4]);
        for (int i = 0; i < count; i++) {
            assertThat(read.contains(columns[0][i], columns[1][i])).isTrue();
            assertThat(read.contains(columns[0][i], columns[1][i] + 1)).isFalse();
        }
    }

    @Test
    void everyFlippedBitOfSumsAndSpreadIsFound() {
        Rows sums = new Rows(new int[] {0, 1, 300}, new long[] {20, 30, 10});
        Detail detail =
                new Detail(
                        new int[] {0, 2, 4, 5},
                        new int[] {0, 2, 0, 1, 2},
                        new long[] {10, 10, 20, 10, 10});
        byte[] block = SumsBlock.encode(sums, 6, ZSTD);
        byte[] spread = detail.encode(3);
        for (int bit = 0; bit < block.length * 8; bit++) {
            byte[] flipped = block.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> SumsBlock.open(flipped).read(ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
        for (int bit = 0; bit < spread.length * 8; bit++) {
            byte[] flipped = spread.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Detail.open(flipped, sums, 3, ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }

    /** A change of these bytes is a change of the format: it needs another version. */
    @Test
    void theFormatIsThatOfTheGoldenFile() throws IOException {
        Rows sums = new Rows(new int[] {0, 1, 300}, new long[] {20, 30, 10});
        Members members =
                new Members(
                        new long[] {1_000, 2_000, 3_000},
                        new long[] {-1, 7, 8},
                        new long[] {500, 500, 600},
                        new long[] {10, 10, 10},
                        new long[] {30, 20, 10});
        Detail detail =
                new Detail(
                        new int[] {0, 2, 4, 5},
                        new int[] {0, 2, 0, 1, 2},
                        new long[] {10, 10, 20, 10, 10});
        int[] many = new int[700];
        Arrays.setAll(many, i -> i < 600 ? i : 2 * i);
        long[] values = new long[700];
        Arrays.setAll(values, i -> i == 3 ? 3000 : 10 * (1 + i % 3));
        DetailKey key = new DetailKey(0x01020304, 5, 6, 7, 8, 9, 10);
        List<byte[]> found =
                List.of(
                        members.encode(ZSTD),
                        detail.encode(3),
                        SumsBlock.encode(sums, 6, ZSTD),
                        SumsBlock.encode(new Rows(many, values), 100, ZSTD),
                        key.toBytes(),
                        key.sums().toBytes(),
                        RollupKey.marker(Level.DAY, 0x01020304, 5, 6),
                        new BucketMarker(Set.of(7, 1)).toBytes(),
                        RollupKey.ofWindows(0x01020304, 5, 6, 7, 9).toBytes(),
                        WindowSpread.encode(
                                List.of(
                                        new WindowSpread.Column(
                                                1,
                                                0,
                                                3,
                                                new Rows(new int[] {0, 1}, new long[] {10, 20})),
                                        new WindowSpread.Column(
                                                3,
                                                11,
                                                0,
                                                new Rows(
                                                        new int[] {0, 1, 300},
                                                        new long[] {10, 10, 10}))),
                                sums));
        assertThat(found.stream().map(HexFormat.of()::formatHex).collect(Collectors.joining("\n")))
                .isEqualTo(golden("finished-v7.hex"));
    }

    @Test
    void spreadsOfTheOlderFormAreRead() throws IOException {
        String[] values = golden("finished-v3.hex").split("\n", -1);
        byte[] older = HexFormat.of().parseHex(values[1]);
        Rows sums = SumsBlock.open(HexFormat.of().parseHex(values[2])).read(ZSTD);
        Detail detail = Detail.open(older, sums, 3, ZSTD);
        assertThat(detail.cells()).isEqualTo(5);
        assertThat(detail.of(sums, new boolean[] {true, false, false}).values())
                .containsExactly(10, 20);
        assertThat(detail.of(sums, new boolean[] {false, true, false}).values())
                .containsExactly(10);
        assertThat(detail.of(sums, new boolean[] {false, false, true}).stacks())
                .containsExactly(0, 300);
        for (int bit = 0; bit < older.length * 8; bit++) {
            byte[] flipped = older.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Detail.open(flipped, sums, 3, ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = WindowPartTest.class.getResourceAsStream(name)) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }
}
