package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.RocksDbEngine;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies on disk is damaged, torn, or not ours. */
class DamageTest {
    private static final int WRITES = 40;

    private static final TimeRange ALL_OF_IT = new TimeRange(START, START + 86_400 * SECOND);

    @TempDir private Path directory;

    @Test
    void aDamagedProfileIsLeftOutAndCounted() {
        writeSome(directory.resolve("s"));
        flipLastByteOfFirst(Family.PROFILES);
        try (RocksDbProfileStore store = open()) {
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(sum(WRITES) - 1);
            assertThat(store.statistics().corruptValues()).isEqualTo(1);
            assertThat(store.timeSeries(query("", ALL_OF_IT), 600 * SECOND, List.of()).getFirst())
                    .satisfies(series -> assertThat(series.total()).isEqualTo(sum(WRITES) - 1));
        }
    }

    @Test
    void aDamagedDictionaryLosesNamesAndNoValues() {
        writeSome(directory.resolve("s"));
        flipLastByteOfFirst(Family.DICTIONARY);
        for (int round = 1; round <= 2; round++) {
            try (RocksDbProfileStore store = open()) {
                store.write(
                        TENANT,
                        List.of(
                                Profiles.of("shop", "a", START + round, Map.of("main;new", 100L))
                                        .build()));
                FlameTree tree = store.merge(query("", ALL));
                assertThat(tree.total(0)).isEqualTo(sum(WRITES) + 100L * round);
                TreeSet<String> names = new TreeSet<>();
                for (int node = 1; node < tree.size(); node++) {
                    names.add(tree.frame(node).function());
                    if (tree.frame(node).function().equals("new")) {
                        assertThat(tree.total(node)).isEqualTo(100L * round);
                    }
                }
                assertThat(names).contains("[names lost]", "new", "f40");
                assertThat(store.statistics().corruptValues()).isPositive();
            }
        }
    }

    @Test
    void aDamagedSeriesKeepsItsProfiles() {
        writeSome(directory.resolve("s"));
        flipLastByteOfFirst(Family.SERIES);
        try (RocksDbProfileStore store = open()) {
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(sum(WRITES));
            assertThat(store.merge(query("service_name=\"[labels lost]\"", ALL)).total(0))
                    .isEqualTo(sum(WRITES));
        }
    }

    @Test
    void aWalTornAnywhereOpensWithWhatCameBefore() throws IOException {
        tear(2503);
    }

    @Test
    @Tag("slow")
    void aWalTornInManyPlacesOpensWithWhatCameBefore() throws IOException {
        tear(101);
    }

    private void tear(int step) throws IOException {
        Path whole = directory.resolve("s");
        try (RocksDbProfileStore store = write(whole)) {
            // As a kill leaves it: nothing closed, nothing flushed.
            Path wal = newestWal(whole);
            long size = Files.size(wal);
            for (long cut = 0; cut < size; cut += step) {
                Path copy = copy(whole, "torn" + cut);
                try (var channel =
                        Files.newByteChannel(newestWal(copy), StandardOpenOption.WRITE)) {
                    channel.truncate(cut);
                }
                assertPrefix(copy);
                delete(copy);
            }
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(sum(WRITES));
        }
    }

    @Test
    void aFlippedByteInTheWalIsRefusedAndCutThereWhenTheLossIsAccepted() throws IOException {
        flip(2503);
    }

    @Test
    @Tag("slow")
    void aFlippedByteInManyPlacesOfTheWalIsNeverMisread() throws IOException {
        flip(197);
    }

    private void flip(int step) throws IOException {
        Path whole = directory.resolve("s");
        try (RocksDbProfileStore store = write(whole)) {
            assertThat(store.statistics().profiles()).isEqualTo(WRITES);
            long size = Files.size(newestWal(whole));
            int refused = 0;
            for (long at = 3; at < size; at += step) {
                Path copy = copy(whole, "flip" + at);
                byte[] bytes = Files.readAllBytes(newestWal(copy));
                bytes[(int) at] ^= 0x10;
                Files.write(newestWal(copy), bytes);
                try {
                    assertPrefix(copy);
                } catch (StoreException e) {
                    assertThat(e.reason()).isEqualTo(StoreException.Reason.CORRUPT);
                    assertThat(e)
                            .hasMessageContaining(newestWal(copy).getFileName().toString())
                            .hasMessageContaining("accept-loss=true");
                    assertPrefix(copy, StoreOptions.defaults().withAcceptLoss(true));
                    assertPrefix(copy);
                    assertQuarantined(copy, bytes);
                    refused++;
                }
                delete(copy);
            }
            assertThat(refused).isPositive();
        }
    }

    @Test
    void anotherFormatVersionIsRefusedByName() {
        writeSome(directory.resolve("s"));
        try (Engine engine = engine()) {
            engine.write(new Batch().put(Family.META, bytes("version"), bytes("99")));
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("format version 99")
                .hasMessageContaining("reads version 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "3", "4", "5", "6"})
    void aStoreOfAVersionBeforeIsReadAndIsOfThisOneThen(String version) {
        writeSome(directory.resolve("s"));
        try (Engine engine = engine()) {
            engine.write(new Batch().put(Family.META, bytes("version"), bytes(version)));
        }
        long total;
        try (RocksDbProfileStore store = open()) {
            total = store.merge(Profiles.query("", Profiles.ALL)).total(0);
        }
        assertThat(total).isPositive();
        try (Engine engine = engine()) {
            assertThat(engine.get(Family.META, bytes("version"))).isEqualTo(bytes("7"));
        }
    }

    @Test
    void aDirectoryOfSomethingElseIsRefused() throws IOException {
        Files.writeString(directory.resolve("letter.txt"), "dear");
        assertThatThrownBy(() -> RocksDbProfileStore.open(directory, StoreOptions.defaults()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("letter.txt");
        assertThat(directory.resolve("db")).doesNotExist();
    }

    @Test
    void aNewStoreIsReadableByItsOwnerOnly() throws IOException {
        try (RocksDbProfileStore store = open()) {
            assertThat(store.statistics().series()).isZero();
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(directory.resolve("s"))))
                    .isEqualTo("rwx------");
        }
    }

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(directory.resolve("s"), StoreOptions.defaults());
    }

    private static void writeSome(Path at) {
        write(at).close();
    }

    /** Profiles worth 1, 2, 3, … each with a stack of its own. */
    private static RocksDbProfileStore write(Path at) {
        RocksDbProfileStore store = RocksDbProfileStore.open(at, StoreOptions.defaults());
        for (int i = 1; i <= WRITES; i++) {
            store.write(
                    TENANT,
                    List.of(
                            Profiles.of(
                                            "shop",
                                            "a",
                                            START + i * SECOND,
                                            Map.of("main;f" + i, (long) i))
                                    .build()));
        }
        return store;
    }

    private static long sum(int writes) {
        return writes * (writes + 1L) / 2;
    }

    private static void assertQuarantined(Path at, byte[] wal) throws IOException {
        try (var files = Files.walk(at.resolve("quarantine"))) {
            List<Path> kept = files.filter(Files::isRegularFile).toList();
            assertThat(kept).hasSize(1);
            assertThat(kept.getFirst()).hasBinaryContent(wal);
        }
    }

    private static void assertPrefix(Path at) {
        assertPrefix(at, StoreOptions.defaults());
    }

    private static void assertPrefix(Path at, StoreOptions options) {
        try (RocksDbProfileStore store = RocksDbProfileStore.open(at, options)) {
            FlameTree tree = store.merge(query("", ALL));
            int leaves = Math.max(0, tree.size() - 2);
            assertThat(tree.total(0)).isEqualTo(sum(leaves));
            assertThat(store.statistics().corruptValues()).isZero();
        }
    }

    private void flipLastByteOfFirst(Family family) {
        try (Engine engine = engine()) {
            byte[] key;
            byte[] value;
            try (Cursor cursor = engine.scan(family)) {
                byte[] end = new byte[64];
                Arrays.fill(end, (byte) -1);
                cursor.seek(new byte[0], end);
                assertThat(cursor.next()).isTrue();
                key = cursor.key();
                value = cursor.value();
            }
            value[value.length - 1] ^= 1;
            engine.write(new Batch().put(family, key, value));
        }
    }

    private Engine engine() {
        Path at = directory.resolve("s");
        return RocksDbEngine.open(at.resolve("db"), at.resolve("native"), 16 << 20, 8 << 20, false);
    }

    private static Path newestWal(Path store) throws IOException {
        try (var files = Files.list(store.resolve("db"))) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max(Comparator.comparing(Path::toString))
                    .orElseThrow();
        }
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = directory.resolve(name);
        Files.createDirectories(to.resolve("db"));
        try (var files = Files.list(from.resolve("db"))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve("db").resolve(file.getFileName()));
            }
        }
        return to;
    }

    private static void delete(Path store) throws IOException {
        try (var files = Files.walk(store)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
