package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bits that flip in the files of the database: the store says so, or answers without what is
 * damaged and counts that, or what it answers is right. It never answers wrongly in silence.
 */
@Tag("slow")
class FlippedBitsTest {
    private static final int HOURS = 30;
    private static final int PLACES = 5;
    private static final long TOTAL = HOURS * (HOURS + 1L) / 2;

    @TempDir private Path directory;

    @Test
    void aFlippedBitInATableIsNeverAnsweredInSilence() throws IOException {
        flipIn("*.sst");
    }

    @Test
    void aFlippedBitInTheManifestIsNeverAnsweredInSilence() throws IOException {
        flipIn("MANIFEST-*");
    }

    private void flipIn(String pattern) throws IOException {
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory.resolve("whole"), StoreOptions.defaults())) {
            for (int hour = 1; hour <= HOURS; hour++) {
                store.write(
                        TENANT,
                        List.of(
                                Profiles.of(
                                                "shop" + hour % 2,
                                                "pod" + hour % 3,
                                                START + hour * 3_600L * SECOND,
                                                Map.of("main;f" + hour, (long) hour))
                                        .build()));
                if (hour == HOURS / 2) {
                    store.finishWindows();
                }
            }
            // Flushes: everything lies in tables.
            try (Checkpoint checkpoint = store.checkpoint()) {
                flipEach(checkpoint, pattern);
            }
        }
    }

    private void flipEach(Checkpoint checkpoint, String pattern) throws IOException {
        int noticed = 0;
        int files = 0;
        for (Path file : checkpoint.files()) {
            if (!file.getFileSystem()
                    .getPathMatcher("glob:" + pattern)
                    .matches(file.getFileName())) {
                continue;
            }
            files++;
            long size = Files.size(file);
            for (int place = 0; place < PLACES; place++) {
                long at = Math.min(size - 1, size * place / PLACES + 11);
                noticed += isNoticed(checkpoint, file, at) ? 1 : 0;
            }
        }
        assertThat(files).isPositive();
        assertThat(noticed).as("flips that were told").isPositive();
    }

    /** Whether a flip was told; fails when it changed an answer and was not. */
    private boolean isNoticed(Checkpoint checkpoint, Path file, long at) throws IOException {
        Path database = Files.createDirectories(directory.resolve("flipped").resolve("db"));
        try (var before = Files.newDirectoryStream(database)) {
            for (Path each : before) {
                Files.delete(each);
            }
        }
        for (Path each : checkpoint.files()) {
            Files.copy(
                    each,
                    database.resolve(each.getFileName()),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        Path damaged = database.resolve(file.getFileName());
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[(int) at] ^= 0x20;
        Files.write(damaged, bytes);
        String what = file.getFileName() + " at " + at + " of " + bytes.length;
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory.resolve("flipped"), StoreOptions.defaults())) {
            long total = store.merge(query("", ALL)).total(0);
            boolean told = store.statistics().corruptValues() > 0;
            assertThat(total).as(what).isLessThanOrEqualTo(TOTAL);
            assertThat(total == TOTAL || told).as("%s: %d of %d", what, total, TOTAL).isTrue();
            return told;
        } catch (StoreException e) {
            assertThat(e.reason()).as(what).isEqualTo(StoreException.Reason.CORRUPT);
            return true;
        }
    }
}
