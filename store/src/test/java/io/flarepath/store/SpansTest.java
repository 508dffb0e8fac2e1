package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static io.flarepath.store.Profiles.selfByName;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.profile.SpanSamples;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanSelection.TraceId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of single spans, and labels that samples had. */
class SpansTest {
    private static final long SPAN = 0x0bac2a5ab0c7L;

    @TempDir private Path directory;

    private static SpanSelection span(long id) {
        return new SpanSelection(Set.of(id), Set.of());
    }

    /** Stacks {@code main;f0} to {@code main;f9}, each worth 100. */
    private static Profile.Builder ten(String pod, long start) {
        Map<String, Long> stacks = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            stacks.put("main;f" + i, 100L);
        }
        return Profiles.of("shop", pod, start, stacks);
    }

    private static SpanSamples part(long id, long trace, int stack, long value) {
        return new SpanSamples(id, trace, trace, new int[] {stack}, new long[] {value});
    }

    @Test
    void aSpanHasItsOwnPartOfManyProfilesAndWholeProfilesStayWhatTheyWere() {
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            Profile first = ten("a", START).span(part(SPAN, 7, 2, 40)).build();
            store.write(TENANT, List.of(first, ten("b", START).span(part(3, 8, 2, 1)).build()));
            store.write(TENANT, List.of(first));
            store.write(
                    TENANT,
                    List.of(ten("a", START + 700 * SECOND).span(part(SPAN, 7, 5, 2)).build()));
            for (int pass = 0; pass < 2; pass++) {
                assertThat(selfByName(store.mergeSpans(query("", ALL), span(SPAN), false)))
                        .isEqualTo(Map.of("f2", 40L, "f5", 2L));
                assertThat(store.mergeSpans(query("pod=\"b\"", ALL), span(SPAN), true).total(0))
                        .isZero();
                assertThat(store.mergeSpans(query("", ALL), span(99), false).total(0)).isZero();
                SpanSelection trace = new SpanSelection(Set.of(), Set.of(new TraceId(8, 8)));
                assertThat(store.mergeSpans(query("", ALL), trace, false).total(0)).isEqualTo(1);
                assertThat(
                                store.mergeSpans(
                                                query("", Profiles.rangeOf(START, 600)),
                                                span(SPAN),
                                                false)
                                        .total(0))
                        .isEqualTo(40);
                assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(3000);
                store.finishWindows();
            }
        }
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            List<String> found = new ArrayList<>();
            store.spans(
                    query("", ALL),
                    List.of("pod"),
                    (group, series, start, id, trace, total) ->
                            found.add(
                                    group.get("pod") + " " + id + " " + trace.low() + " " + total));
            assertThat(found)
                    .containsExactlyInAnyOrder(
                            "a " + SPAN + " 7 40", "a " + SPAN + " 7 2", "b 3 8 1");
        }
    }

    @Test
    void spansOfAnyProfilesAddUpToWhatALedgerSays() {
        Random random = new Random(4);
        Map<Long, Map<String, Long>> ledger = new TreeMap<>();
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            for (int i = 0; i < 40; i++) {
                Profile.Builder profile = ten("p" + i % 3, START + i * 100L * SECOND);
                for (long id = 1; id <= 12; id++) {
                    int stack = random.nextInt(10);
                    long value = (1 + random.nextInt(9)) * 10L;
                    if (random.nextBoolean()) {
                        profile.span(part(id, 0, stack, value));
                        ledger.computeIfAbsent(id, one -> new TreeMap<>())
                                .merge("f" + stack, value, Long::sum);
                    }
                }
                store.write(TENANT, List.of(profile.build()));
            }
            ledger.forEach((id, values) ->
                    assertThat(selfByName(store.mergeSpans(query("", ALL), span(id), false)))
                            .isEqualTo(values));
        }
    }

    @Test
    void spansGoAfterADayAndProfilesStay() {
        AtomicLong now = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        .withExemplars(Duration.ofHours(24), Long.MAX_VALUE)
                        .withClock(() -> Instant.ofEpochSecond(now.get()));
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            store.write(TENANT, List.of(ten("a", START).span(part(SPAN, 0, 1, 5)).build()));
            now.addAndGet(24 * 3600);
            store.applyRetention();
            assertThat(store.mergeSpans(query("", ALL), span(SPAN), false).total(0)).isEqualTo(5);
            now.addAndGet(11 * 60);
            store.applyRetention();
            assertThat(store.mergeSpans(query("", ALL), span(SPAN), false).total(0)).isZero();
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(1000);
        }
    }

    @Test
    void theOldestSpansGoWhenTheyAreTooMuchAndProfilesStay() {
        StoreOptions options =
                StoreOptions.defaults()
                        .withClock(() -> Instant.ofEpochSecond(START / SECOND + 3600))
                        .withFinishing(Duration.ofHours(2), Duration.ofDays(1));
        long one;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            store.write(TENANT, List.of(ten("a", START).span(part(1, 1, 1, 5)).build()));
            one = store.statistics().exemplarBytes();
            assertThat(one).isPositive();
            for (int window = 1; window < 6; window++) {
                long start = START + window * 600L * SECOND;
                store.write(TENANT, List.of(ten("a", start).span(part(1, 1, 1, 5)).build()));
            }
            assertThat(store.statistics().exemplarBytes()).isEqualTo(6 * one);
        }
        StoreOptions small = options.withExemplars(Duration.ofDays(1), 4 * one);
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, small)) {
            store.write(TENANT, List.of(ten("b", START + SECOND).span(part(1, 1, 1, 5)).build()));
            store.applyRetention();
            // The first window has two by now.
            assertThat(store.mergeSpans(query("", ALL), span(1), false).total(0)).isEqualTo(20);
            assertThat(store.statistics().exemplarBytes()).isEqualTo(4 * one);
            assertThat(store.statistics().exemplarBytesDropped()).isEqualTo(3 * one);
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(7000);
            store.applyRetention();
            assertThat(store.statistics().exemplarBytesDropped()).isEqualTo(3 * one);
        }
    }

    @Test
    void labelsOfSamplesMakeSeriesUntilTheirServiceHasManyAndTotalsStayExact() {
        Labels own = Profiles.labels("shop", "a");
        StoreOptions options = StoreOptions.defaults().withSeries(200);
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            for (int user = 0; user < 50; user++) {
                Map<String, String> labels = new HashMap<>(own.asMap());
                labels.put("user", "u" + user);
                Profile.Builder profile =
                        Profile.builder(Labels.of(labels), ProfileType.CPU)
                                .ownLabels(own)
                                .time(START, SECOND);
                profile.stack(new int[] {profile.frame(Frame.named("main"))}, 1, 3);
                store.write(TENANT, List.of(profile.build()));
            }
            assertThat(store.labelValues(TENANT, "user", Selector.ALL, ALL)).hasSize(10);
            assertThat(store.statistics().series()).isEqualTo(11);
            assertThat(store.merge(query("pod=\"a\"", ALL)).total(0)).isEqualTo(150);
            store.write(
                    TENANT, List.of(Profiles.of("shop", "b", START, Map.of("main", 1L)).build()));
            assertThat(store.merge(query("pod=\"b\"", ALL)).total(0)).isEqualTo(1);
        }
    }
}
