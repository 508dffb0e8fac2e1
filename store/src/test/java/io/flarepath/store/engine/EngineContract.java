package io.flarepath.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every engine must do. A new engine extends this and says how it is opened. */
abstract class EngineContract {
    @TempDir Path directory;
    private Engine engine;

    /** Opens what lies in a directory, again and again. */
    abstract Engine open(Path at);

    @BeforeEach
    void openFirst() {
        engine = open(directory);
    }

    @AfterEach
    void closeLast() {
        engine.close();
    }

    @Test
    void whatWasWrittenIsReadAlsoAfterReopening() {
        engine.write(new Batch().put(Family.META, key("a"), key("1")));
        assertThat(engine.get(Family.META, key("a"))).isEqualTo(key("1"));
        engine.close();
        engine = open(directory);
        assertThat(engine.get(Family.META, key("a"))).isEqualTo(key("1"));
        assertThat(engine.get(Family.META, key("b"))).isNull();
    }

    @Test
    void settlingChangesNothingThatIsRead() {
        for (int round = 0; round < 3; round++) {
            Batch batch = new Batch();
            for (int i = 0; i < 2_000; i++) {
                batch.put(Family.PROFILES, key("p" + i), key("v" + round + "x".repeat(100)));
                batch.put(Family.ROLLUP, key("r" + round + i), key("v"));
            }
            engine.write(batch);
            Batch gone = new Batch();
            for (int i = 10; i < 2_000; i++) {
                gone.delete(Family.PROFILES, key("p" + i));
            }
            engine.write(gone);
            engine.settle();
            engine.settle();
            if (round == 1) {
                engine.close();
                engine = open(directory);
            }
            assertThat(engine.get(Family.PROFILES, key("p9")))
                    .isEqualTo(key("v" + round + "x".repeat(100)));
            assertThat(engine.get(Family.PROFILES, key("p10"))).isNull();
            assertThat(engine.get(Family.ROLLUP, key("r" + round + "1999"))).isEqualTo(key("v"));
        }
    }

    @Test
    void familiesAreApart() {
        engine.write(new Batch().put(Family.META, key("a"), key("1")));
        assertThat(engine.get(Family.PROFILES, key("a"))).isNull();
    }

    @Test
    void aLaterChangeOfABatchWins() {
        engine.write(
                new Batch()
                        .put(Family.META, key("a"), key("1"))
                        .put(Family.META, key("a"), key("2"))
                        .put(Family.META, key("b"), key("3"))
                        .delete(Family.META, key("b")));
        assertThat(engine.get(Family.META, key("a"))).isEqualTo(key("2"));
        assertThat(engine.get(Family.META, key("b"))).isNull();
    }

    @Test
    void scansInOrderOfUnsignedBytesWithinBounds() {
        engine.write(
                new Batch()
                        .put(Family.META, new byte[] {(byte) 0x80}, key("high"))
                        .put(Family.META, new byte[] {1}, key("low"))
                        .put(Family.META, new byte[] {1, 0}, key("longer"))
                        .put(Family.META, new byte[] {(byte) 0xFF}, key("end")));
        assertThat(scan(new byte[] {1}, new byte[] {(byte) 0xFF}))
                .containsExactly("low", "longer", "high");
        assertThat(scan(new byte[] {2}, new byte[] {3})).isEmpty();
    }

    @Test
    void aCursorSeeksAgainAndStaysAtTheEnd() {
        engine.write(
                new Batch()
                        .put(Family.META, key("a"), key("1"))
                        .put(Family.META, key("b"), key("2")));
        try (Cursor cursor = engine.scan(Family.META)) {
            cursor.seek(key("a"), key("b"));
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isFalse();
            assertThat(cursor.next()).isFalse();
            cursor.seek(key("b"), key("z"));
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.value()).isEqualTo(key("2"));
        }
    }

    @Test
    void aViewSeesNothingThatIsWrittenAfterIt() {
        engine.write(new Batch().put(Family.META, key("a"), key("1")));
        try (View view = engine.view()) {
            engine.write(
                    new Batch()
                            .delete(Family.META, key("a"))
                            .put(Family.META, key("b"), key("2"))
                            .put(Family.PROFILES, key("a"), key("1")));
            engine.dropRange(Family.META, key("a"), key("b"));
            assertThat(view.get(Family.META, key("a"))).isEqualTo(key("1"));
            assertThat(view.get(Family.PROFILES, key("a"))).isNull();
            try (Cursor cursor = view.scan(Family.META)) {
                cursor.seek(key("a"), key("z"));
                assertThat(cursor.next()).isTrue();
                assertThat(cursor.key()).isEqualTo(key("a"));
                assertThat(cursor.next()).isFalse();
            }
        }
        assertThat(engine.get(Family.META, key("a"))).isNull();
        assertThat(engine.get(Family.PROFILES, key("a"))).isEqualTo(key("1"));
    }

    @Test
    void dropsARangeAndNothingBesides() {
        Batch batch = new Batch();
        for (char c = 'a'; c <= 'f'; c++) {
            batch.put(Family.PROFILES, key("" + c), key("" + c));
            batch.put(Family.META, key("" + c), key("" + c));
        }
        engine.write(batch);
        engine.dropRange(Family.PROFILES, key("b"), key("e"));
        assertThat(engine.get(Family.PROFILES, key("a"))).isNotNull();
        assertThat(engine.get(Family.PROFILES, key("b"))).isNull();
        assertThat(engine.get(Family.PROFILES, key("d"))).isNull();
        assertThat(engine.get(Family.PROFILES, key("e"))).isNotNull();
        assertThat(engine.get(Family.META, key("c"))).isNotNull();
    }

    @Test
    void afterClosingEveryCallIsRefused() {
        engine.close();
        engine.close();
        assertThatThrownBy(() -> engine.get(Family.META, key("a")))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e -> assertThat(e.reason()).isEqualTo(StoreException.Reason.CLOSED));
        assertThatThrownBy(() -> engine.scan(Family.META)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> engine.write(new Batch())).isInstanceOf(StoreException.class);
        assertThatThrownBy(engine::sync).isInstanceOf(StoreException.class);
    }

    @Test
    void closingWaitsForCursors() throws InterruptedException {
        engine.write(new Batch().put(Family.META, key("a"), key("1")));
        Cursor cursor = engine.scan(Family.META);
        Thread closing = Thread.ofPlatform().start(engine::close);
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        cursor.seek(key("a"), key("z"));
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.value()).isEqualTo(key("1"));
        cursor.close();
        closing.join();
    }

    @Test
    void syncsShareAFlush() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            byte[] key = key("k" + i);
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                engine.write(new Batch().put(Family.META, key, key));
                                engine.sync();
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(engine.get(Family.META, key("k7"))).isNotNull();
        assertThat(engine.bytesOnDisk()).isPositive();
    }

    private List<String> scan(byte[] from, byte[] until) {
        List<String> values = new ArrayList<>();
        try (Cursor cursor = engine.scan(Family.META)) {
            cursor.seek(from, until);
            while (cursor.next()) {
                values.add(new String(cursor.value(), StandardCharsets.UTF_8));
            }
        }
        return values;
    }

    static byte[] key(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
