package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.QueryRefusedException;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Series that agree in labels are summed up together, and that is what a question reads. */
class LabelGroupsTest {
    private static final int PODS = 20;
    private static final long DAY = 86_400 * SECOND;
    private static final TimeRange FIRST_DAY = new TimeRange(START, START + DAY);

    @TempDir private Path directory;

    private static StoreOptions options(List<List<String>> groups) {
        return StoreOptions.defaults()
                .withClock(() -> Instant.ofEpochSecond(START / SECOND + 2 * 86_400))
                .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                .withSeriesSumRows(0)
                .withGroups(groups);
    }

    /** One stack a pod and hour: what is read of sums is a row for each pod that is in them. */
    private static List<Profile> hours(int pods, String stack) {
        List<Profile> profiles = new ArrayList<>();
        for (int hour = 0; hour < 24; hour++) {
            for (int pod = 0; pod < pods; pod++) {
                Labels labels =
                        Labels.of(
                                Map.of(
                                        "service_name",
                                        "shop",
                                        "namespace",
                                        pod % 2 == 0 ? "even" : "odd",
                                        "pod",
                                        "pod" + pod));
                profiles.add(
                        Profiles.of(
                                        labels,
                                        ProfileType.CPU,
                                        START + hour * 3600L * SECOND + 1,
                                        Map.of(stack, 7L))
                                .build());
            }
        }
        return profiles;
    }

    private static long total(RocksDbProfileStore store, String selector, TimeRange range) {
        return store.merge(Profiles.query(selector, range)).total(0);
    }

    private static long within(long rows, Callable<Long> question) throws Exception {
        return Allowance.of(rows, Duration.ofMinutes(10)).within(question);
    }

    @Test
    void aQuestionForAGroupReadsItsSumsAndNoSeries() throws Exception {
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, options(List.of(List.of("namespace"))))) {
            store.write(TENANT, hours(PODS, "main"));
            store.finishWindows();
            long half = PODS / 2 * 24 * 7L;
            Callable<Long> group = () -> total(store, "{namespace=\"odd\"}", FIRST_DAY);
            assertThat(within(1, group)).as("the day of the group").isEqualTo(half);
            TimeRange hour = new TimeRange(START, START + 600 * SECOND);
            assertThat(within(1, () -> total(store, "{namespace!=\"even\"}", hour)))
                    .as("ten minutes of it")
                    .isEqualTo(PODS / 2 * 7L);
            Callable<Long> series =
                    () -> total(store, "{namespace=\"odd\",pod!=\"pod1\"}", FIRST_DAY);
            assertThat(within(PODS / 2 - 1, series)).isEqualTo(half - 24 * 7L);
            assertThatThrownBy(() -> within(PODS / 2 - 2, series))
                    .isInstanceOf(QueryRefusedException.class);
            Callable<Long> grouped =
                    () ->
                            store
                                    .timeSeries(
                                            Profiles.query("", FIRST_DAY),
                                            DAY,
                                            List.of("k8s.namespace.name"))
                                    .stream()
                                    .mapToLong(TimeSeries::total)
                                    .sum();
            assertThat(within(2, grouped)).as("a value for each group").isEqualTo(2 * half);
        }
    }

    @Test
    void whatWasSummedUpBeforeASetWasTakenAwayIsNotBelievedWhenItIsBack() {
        List<List<String>> groups = List.of(List.of("namespace"));
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options(groups))) {
            store.write(TENANT, hours(PODS, "main"));
            store.finishWindows();
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options(List.of()))) {
            store.write(TENANT, hours(PODS, "late"));
            store.finishWindows();
            assertThat(store.contents(TENANT).levels())
                    .filteredOn(part -> part.name().equals("10 minutes by labels no longer set"))
                    .singleElement()
                    .satisfies(part -> assertThat(part.values()).isPositive());
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options(groups))) {
            for (TimeRange range : List.of(FIRST_DAY, ALL)) {
                assertThat(total(store, "{namespace=\"odd\"}", range))
                        .isEqualTo(PODS / 2 * 24 * 2 * 7L);
            }
        }
    }

    @Test
    void sumsOfGroupsGoWithTheOthers() {
        StoreOptions options =
                options(List.of(List.of("namespace")))
                        .withRetention(Duration.ofDays(1), Duration.ofDays(1));
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            store.write(TENANT, hours(PODS, "main"));
            store.finishWindows();
            assertThat(store.contents(TENANT).levels())
                    .filteredOn(part -> part.name().endsWith(" by namespace"))
                    .extracting(StoreContents.Part::name)
                    .containsExactly(
                            "10 minutes by namespace", "2 hours by namespace", "day by namespace");
            store.applyRetention();
            assertThat(store.contents(TENANT).levels())
                    .allSatisfy(part -> assertThat(part.values()).isZero());
        }
    }
}
