package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;

import io.flarepath.store.profile.Profile;
import io.flarepath.store.query.TimeRange;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A service of 2,000 pods over 30 days: a profile of each every ten minutes of the last day, and
 * every twelve hours before. Asked for by one pod, by a hundred, by a thousand, and as a whole.
 */
final class FleetQueries {
    private static final int PODS = 2_000;
    private static final int HITS = 30;
    private static final long MINUTE = 60 * SECOND;
    private static final long END = START + 30 * GeneratedService.DAY;

    /** What is asked for once a store has been opened, and how often after that. */
    private static final int WARM = 40;

    /** Selectors by how many series they select; 2,000 is answered by sums of the service. */
    private static final Map<Integer, String> SELECTORS = new LinkedHashMap<>();

    static {
        SELECTORS.put(1, "pod=\"fleet-777\"");
        SELECTORS.put(100, "pod=~\"fleet-7..\"");
        SELECTORS.put(1000, "pod=~\"fleet-1...\"");
        SELECTORS.put(PODS, "");
    }

    private final Path directory;
    private final StoreOptions options;
    private final AtomicLong clock;
    private final Map<String, Double> medians = new HashMap<>();
    private final GeneratedService service =
            new GeneratedService("fleet", 10, START, 3_000, 1.0, PODS);

    FleetQueries(Path directory, StoreOptions options, AtomicLong clock) {
        this.directory = directory;
        this.options = options;
        this.clock = clock;
    }

    /** Writes all of it. */
    void write() {
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            long time = START;
            while (time < END) {
                List<Profile> batch = new ArrayList<>();
                for (int pod = 0; pod < PODS; pod++) {
                    batch.add(service.profile(pod, time, 10 * SECOND, HITS));
                }
                store.write(TENANT, batch);
                clock.set(time);
                store.finishWindows();
                time += time < END - GeneratedService.DAY ? GeneratedService.DAY / 2 : 10 * MINUTE;
            }
            clock.set(END + 3 * MINUTE);
            store.applyRetention();
        }
    }

    /** Asks for each of them over 15 minutes, a day and 30 days. */
    void ask() {
        System.out.printf(
                Locale.ROOT,
                "fleet: %,d profiles, %,d rows, of %,d pods%n",
                service.profiles(),
                service.rows(),
                PODS);
        SELECTORS.forEach((series, selector) -> {
            for (int minutes : new int[] {15, 24 * 60, 30 * 24 * 60}) {
                medians.put(key(series, minutes), ask(series, selector, minutes));
            }
        });
    }

    /** Milliseconds of CPU in the middle, of a store that has been asked before. */
    double median(int series, int minutes) {
        return Objects.requireNonNull(medians.get(key(series, minutes)));
    }

    private static String key(int series, int minutes) {
        return series + " series, " + minutes + " min";
    }

    /** A store that has just been opened has nothing at hand but what the system keeps of files. */
    private double ask(int series, String selector, int minutes) {
        long until = END - 7 * MINUTE;
        TimeRange range = new TimeRange(until - minutes * MINUTE, until);
        double[] warm = new double[WARM];
        double cold;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            cold = StoreBench.mergeMillis(store, selector, range);
            Arrays.setAll(warm, i -> StoreBench.mergeMillis(store, selector, range));
        }
        Arrays.sort(warm);
        System.out.printf(
                Locale.ROOT,
                "fleet: %s: cold %.1f, warm p50 %.1f, p99 %.1f CPU ms%n",
                key(series, minutes),
                cold,
                warm[WARM / 2],
                warm[WARM - 1]);
        return warm[WARM / 2];
    }
}
