package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbProfileStoreTest {
    @TempDir private Path directory;
    private RocksDbProfileStore store;

    @BeforeEach
    void open() {
        store = RocksDbProfileStore.open(directory, StoreOptions.defaults());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void mergesProfilesOfARangeIntoOneTree() {
        write(Profiles.of("shop", "a", START, Map.of("main;work", 30L, "main;idle", 5L)).build());
        write(Profiles.of("shop", "b", START + SECOND, Map.of("main;work", 12L)).build());
        write(Profiles.of("shop", "b", START + 900 * SECOND, Map.of("main", 100L)).build());

        FlameTree tree =
                store.merge(
                        query("service_name=\"shop\"", new TimeRange(START, START + 2 * SECOND)));

        assertThat(tree.size()).isEqualTo(4);
        assertThat(tree.total(0)).isEqualTo(47);
        assertThat(tree.frame(1).function()).isEqualTo("main");
        assertThat(tree.frame(2).function()).isEqualTo("work");
        assertThat(tree.self(2)).isEqualTo(42);
        assertThat(tree.parent(3)).isEqualTo(1);
    }

    @Test
    void aRetryCountsOnceAlsoAfterARestart() {
        Profile plain = Profiles.of("shop", "a", START, Map.of("main", 1L)).build();
        Profile named = Profiles.of("shop", "a", START, Map.of("main", 2L)).id("u1").build();
        Profile late =
                Profiles.of("shop", "a", START + 5000 * SECOND, Map.of("main", 2L))
                        .id("u1")
                        .build();
        assertThat(store.write(TENANT, List.of(plain, named, plain)))
                .isEqualTo(new WriteResult(2, 1));
        close();
        open();
        assertThat(store.write(TENANT, List.of(plain, named, late)))
                .isEqualTo(new WriteResult(0, 3));
        assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(3);
    }

    @Test
    void anotherTypeOfTheSameStacksIsThatAndNoOther() {
        ProfileType samples = new ProfileType("process_cpu", "samples", "count", "cpu", "count");
        Profile cpu = Profiles.of("shop", "a", START, Map.of("main", 20L, "idle", 50L)).build();
        Profile same =
                cpu.revalued(
                        samples, 1, new long[] {cpu.value(0) / 10, cpu.value(1) / 10}, List.of());
        Profile.Builder apart =
                Profile.builder(cpu.labels(), samples).time(START, cpu.durationNanos());
        for (int stack = 0; stack < cpu.stackCount(); stack++) {
            int[] frames = new int[cpu.stackStart(stack + 1) - cpu.stackStart(stack)];
            for (int i = 0; i < frames.length; i++) {
                frames[i] =
                        apart.frame(cpu.frames().get(cpu.stackFrame(cpu.stackStart(stack) + i)));
            }
            apart.stack(frames, frames.length, cpu.value(stack) / 10);
        }
        assertThat(store.write(TENANT, List.of(cpu, same))).isEqualTo(new WriteResult(2, 0));
        assertThat(store.write(TENANT, List.of(apart.period(1).build())))
                .isEqualTo(new WriteResult(0, 1));
        assertThat(store.merge(new ProfileQuery(TENANT, samples, Selector.ALL, ALL)).total(0))
                .isEqualTo(7);
        assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(70);
        assertThatThrownBy(() -> cpu.revalued(samples, 1, new long[] {1}, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> cpu.revalued(samples, 1, new long[] {1, -1}, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void labelQueriesKnowRangesAliasesAndSyntheticNames() {
        write(Profiles.of("shop", "a", START, Map.of("main", 1L)).build());
        write(Profiles.of("bank", "z", START + 86_400 * SECOND, Map.of("main", 1L)).build());
        TimeRange firstHour = new TimeRange(START, START + 3600 * SECOND);

        assertThat(store.labelValues(TENANT, "service.name", Selector.ALL, firstHour))
                .containsExactly("shop");
        assertThat(store.labelValues(TENANT, "k8s.pod.name", Selector.ALL, ALL))
                .containsExactly("a", "z");
        assertThat(store.labelValues(TENANT, "__profile_type__", Selector.ALL, firstHour))
                .containsExactly(ProfileType.CPU.id());
        assertThat(store.labelNames(TENANT, Selector.parse("pod=~\"z|y\""), firstHour)).isEmpty();
        assertThat(store.profileTypes(TENANT, Selector.ALL, firstHour))
                .containsExactly(ProfileType.CPU);
        assertThat(store.series(TENANT, Selector.parse("host.name=\"\""), ALL, List.of("pod")))
                .hasSize(2);
        assertThat(store.labelNames("nobody", Selector.ALL, ALL)).isEmpty();
    }

    @Test
    void timeSeriesAddUpBySteps() {
        write(Profiles.of("shop", "a", START, Map.of("main", 1L)).build());
        write(Profiles.of("shop", "b", START + 10 * SECOND, Map.of("main", 2L)).build());
        write(Profiles.of("shop", "a", START + 25 * SECOND, Map.of("main", 4L)).build());

        List<TimeSeries> series =
                store.timeSeries(
                        query("", new TimeRange(START, START + 30 * SECOND)),
                        10 * SECOND,
                        List.of("k8s.pod.name"));

        assertThat(series).hasSize(2);
        assertThat(series.get(0).labels().get("k8s.pod.name")).isEqualTo("a");
        assertThat(series.get(0).values()).containsExactly(1, 0, 4);
        assertThat(series.get(1).values()).containsExactly(0, 2, 0);
    }

    @Test
    void timeSeriesTellHowManySamplesTheyAre() {
        write(Profiles.of("shop", "a", START, Map.of("main", 30_000_000L)).build());
        write(Profiles.of("shop", "a", START + SECOND, Map.of("main", 20_000_000L)).build());
        write(Profiles.of("shop", "a", START + 2, Map.of("main", 7L)).period(0).build());

        assertThat(
                        store.timeSeries(
                                query("", new TimeRange(START, START + 30 * SECOND)),
                                SECOND,
                                List.of()))
                .singleElement()
                .satisfies(series -> assertThat(series.samples()).isEqualTo(5));
    }

    private void write(Profile profile) {
        assertThat(store.write(TENANT, List.of(profile))).isEqualTo(new WriteResult(1, 0));
    }
}
