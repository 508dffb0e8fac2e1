package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.flarepath.agent.metrics.MetricRegistry;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskQueueTest {
    private static final long MIB = 1 << 20;

    @TempDir Path folder;
    private Path path;
    private MetricRegistry registry = new MetricRegistry();

    @BeforeEach
    void name() {
        path = folder.resolve("queue");
    }

    @Test
    void givesBackInOrderAcrossRestartsWhatIsNotDone() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            for (int i = 0; i < 10; i++) {
                queue.put(Payload.PROFILES, body(i, 100 + i), i);
            }
            assertThat(drain(queue, 3)).containsExactly(0, 1, 2);
            assertThat(queue.head()).isNotNull();
        }
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(10, 7), 10);
            assertThat(queue.size()).isEqualTo(8);
            assertThat(drain(queue, 99)).containsExactly(3, 4, 5, 6, 7, 8, 9, 10);
            assertThat(queue.head()).isNull();
        }
        assertThat(segments()).isEmpty();
        assertThat(dropped()).isZero();
    }

    @Test
    void theHeadStaysTheSameUntilItIsDone() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(1, 10), 1);
            DiskQueue.Head head = queue.head();
            queue.put(Payload.PROFILES, body(2, 10), 2);
            assertThat(queue.head()).isSameAs(head);
            queue.refused();
            assertThat(dropped("refused")).isEqualTo(1);
            assertThat(drain(queue, 9)).containsExactly(2);
        }
    }

    @Test
    void whenItIsFullTheOldestGoFirstAndTheirSamplesAreCounted() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            long put = 0;
            for (int i = 0; i < 200; i++) {
                queue.put(Payload.PROFILES, body(i, 20_000), i + 1);
                put += i + 1;
                assertThat(bytesOnDisk()).isLessThanOrEqualTo(MIB);
            }
            long kept = 0;
            List<Integer> left = drain(queue, 999);
            for (int i : left) {
                kept += i + 1;
            }
            assertThat(left).hasSizeGreaterThan(40).isSorted().endsWith(199);
            assertThat(left.getFirst() + left.size()).isEqualTo(200);
            assertThat(kept + dropped("queue_full")).isEqualTo(put);
        }
    }

    @Test
    void whatIsBeingSentIsNotCountedAsDropped() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(0, 20_000), 1);
            DiskQueue.Head head = queue.head();
            for (int i = 1; i < 200; i++) {
                queue.put(Payload.PROFILES, body(i, 20_000), 1);
            }
            assertThat(queue.head()).isSameAs(head);
            queue.delivered();
            int left = drain(queue, 999).size();
            assertThat(1 + left + dropped("queue_full")).isEqualTo(200);
        }
    }

    @Test
    void oneRequestLongerThanTheQueueIsDroppedAlone() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(1, 10), 1);
            queue.put(Payload.PROFILES, new byte[(int) MIB], 5);
            assertThat(dropped("too_long")).isEqualTo(5);
            assertThat(drain(queue, 9)).containsExactly(1);
        }
    }

    @Test
    void aFileThatIsCutAtAnyByteLosesOnlyTheTornRecord() throws Exception {
        List<Integer> ends = new ArrayList<>();
        try (DiskQueue queue = open(MIB)) {
            int end = Segment.HEADER;
            for (int i = 0; i < 4; i++) {
                queue.put(Payload.PROFILES, body(i, 30), 1);
                end += Segment.RECORD_HEADER + 30;
                ends.add(end);
            }
        }
        byte[] whole = Files.readAllBytes(segments().getFirst());
        for (int cut = 0; cut <= whole.length; cut++) {
            deleteAll();
            byte[] part = Arrays.copyOf(whole, cut);
            Files.write(path.resolve("0000000000000007.seg"), part);
            int at = cut;
            registry = new MetricRegistry();
            try (DiskQueue queue = open(MIB)) {
                long complete = ends.stream().filter(end -> end <= at).count();
                assertThat(drain(queue, 9)).as("cut at %d", cut).hasSize((int) complete);
                int torn = complete == 0 ? cut : cut - ends.get((int) complete - 1);
                boolean headerOnly = complete == 0 && cut >= Segment.HEADER;
                assertThat(registry.counters().get("queue_torn_bytes_total"))
                        .isEqualTo(headerOnly ? torn - 8L : (long) torn);
                queue.put(Payload.PROFILES, body(9, 5), 1);
                assertThat(drain(queue, 9)).containsExactly(9);
            }
        }
    }

    @Test
    void aFlippedBitLosesNoIntactRecordBeforeItAndInventsNone() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            for (int i = 0; i < 4; i++) {
                queue.put(Payload.PROFILES, body(i, 30), 1);
            }
        }
        byte[] whole = Files.readAllBytes(segments().getFirst());
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            deleteAll();
            byte[] damaged = whole.clone();
            int at = random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(path.resolve("0000000000000007.seg"), damaged);
            try (DiskQueue queue = open(MIB)) {
                int before = at < Segment.HEADER ? 0 : (at - Segment.HEADER) / 54;
                List<Integer> found = drain(queue, 9);
                assertThat(found).as("seed %d, byte %d", seed, at).isSubsetOf(0, 1, 2, 3);
                for (int i = 0; i < before; i++) {
                    assertThat(found).as("seed %d, byte %d", seed, at).contains(i);
                }
            }
        }
    }

    @Test
    void theFolderIsOursAlone() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(1, 10), 1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(segments().getFirst())))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(path, elsewhere);
        try (DiskQueue queue = open(MIB)) {
            assertThat(queue.trouble()).contains("symbolic link", "queue.path");
            queue.put(Payload.PROFILES, body(1, 10), 1);
            assertThat(drain(queue, 9)).containsExactly(1);
        }
        try (Stream<Path> files = Files.list(elsewhere)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aSegmentThatIsALinkIsLeftAlone() throws Exception {
        open(MIB).close();
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.createSymbolicLink(path.resolve("0000000000000001.seg"), secret);
        try (DiskQueue queue = open(MIB)) {
            assertThat(queue.size()).isZero();
        }
        assertThat(secret).hasContent("secret");
    }

    @Test
    void aSecondAgentKeepsItsRequestsInMemoryUntilTheFolderIsFree() throws Exception {
        DiskQueue first = open(MIB);
        first.put(Payload.PROFILES, body(0, 10), 1);
        try (DiskQueue second = open(MIB)) {
            second.put(Payload.PROFILES, body(2, 10), 1);
            assertThat(second.trouble()).contains("in use by another agent");
            first.close();
            second.put(Payload.PROFILES, body(3, 10), 1);
            assertThat(second.trouble()).isEmpty();
            assertThat(drain(second, 9)).containsExactly(0, 2, 3);
        }
    }

    @Test
    void withoutADiskAFewAreKeptInMemoryAndTheRestIsCounted() throws Exception {
        Files.writeString(path, "a file, no folder");
        long put = 0;
        List<Integer> left;
        try (DiskQueue queue = open(64 * MIB)) {
            for (int i = 0; i < 30; i++) {
                queue.put(Payload.PROFILES, body(i, 1 << 20), 1);
                put++;
            }
            left = drain(queue, 4);
            assertThat(left).containsExactly(22, 23, 24, 25);
            assertThat(dropped("memory_full")).isEqualTo(22);
        }
        assertThat(left.size() + dropped()).isEqualTo(put);
        assertThat(dropped("stopped")).isEqualTo(4);
    }

    @Test
    void foreignFilesAreLeftAlone() throws Exception {
        open(MIB).close();
        Path foreign = Files.writeString(path.resolve("notes.txt"), "mine");
        assertThatCode(() -> open(MIB).close()).doesNotThrowAnyException();
        assertThat(foreign).hasContent("mine");
    }

    @Test
    void aRecordDamagedLaterIsSkippedAndCounted() throws Exception {
        try (DiskQueue queue = open(MIB)) {
            queue.put(Payload.PROFILES, body(0, 30), 5);
            queue.put(Payload.PROFILES, body(1, 30), 6);
            try (RandomAccessFile file =
                    new RandomAccessFile(segments().getFirst().toFile(), "rw")) {
                file.seek(Segment.HEADER + Segment.RECORD_HEADER + 3);
                file.write(99);
            }
            assertThat(drain(queue, 9)).containsExactly(1);
            assertThat(dropped("damaged")).isEqualTo(5);
        }
    }

    private DiskQueue open(long bytes) {
        return DiskQueue.open(path, bytes, registry);
    }

    /** A body that says its number. */
    static byte[] body(int number, int length) {
        byte[] body = new byte[length];
        new Random(number).nextBytes(body);
        for (int i = 0; i < 4; i++) {
            body[i] = (byte) (number >>> (8 * i));
        }
        return body;
    }

    static int number(byte[] body) {
        int number = 0;
        for (int i = 0; i < 4; i++) {
            number |= (body[i] & 0xFF) << (8 * i);
        }
        assertThat(body).isEqualTo(body(number, body.length));
        return number;
    }

    private static List<Integer> drain(DiskQueue queue, int most) {
        List<Integer> numbers = new ArrayList<>();
        DiskQueue.@Nullable Head head = queue.head();
        while (head != null && numbers.size() < most) {
            numbers.add(number(head.body()));
            queue.delivered();
            head = numbers.size() < most ? queue.head() : null;
        }
        return numbers;
    }

    private List<Path> segments() throws Exception {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(f -> f.toString().endsWith(".seg")).sorted().toList();
        }
    }

    private long bytesOnDisk() throws Exception {
        long sum = 0;
        for (Path file : segments()) {
            sum += Files.size(file);
        }
        return sum;
    }

    private void deleteAll() throws Exception {
        for (Path file : segments()) {
            Files.delete(file);
        }
    }

    private long dropped(String reason) {
        return registry.counters()
                .getOrDefault("dropped_samples_total{reason=\"" + reason + "\"}", -1L);
    }

    private long dropped() {
        return registry.counters().entrySet().stream()
                .filter(e -> e.getKey().startsWith("dropped_samples_total"))
                .mapToLong(e -> e.getValue())
                .sum();
    }
}
