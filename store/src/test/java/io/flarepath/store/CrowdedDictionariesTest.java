package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Services whose dictionaries do not fit the memory for them, all written to in turn. */
class CrowdedDictionariesTest {
    private static final int SERVICES = 12;
    private static final int STACKS = 1_500;

    @TempDir private Path directory;

    private final List<Map<String, Long>> ledger = new ArrayList<>();
    private int sent;

    @BeforeEach
    void beginLedger() {
        IntStream.range(0, SERVICES).forEach(each -> ledger.add(new TreeMap<>()));
    }

    private RocksDbProfileStore open(int bytes) {
        return RocksDbProfileStore.open(
                directory, StoreOptions.defaults().withDictionaries(bytes, 1_000_000));
    }

    private static String stack(int number) {
        return "root" + number % 7 + ";io/shop/Handler" + number % 300 + ";io/shop/Step" + number;
    }

    private Profile profile(int service, int from, int count, Random random) {
        Map<String, Long> stacks = new HashMap<>();
        for (int i = 0; i < count; i++) {
            long value = 1L + random.nextInt(9);
            String stack = stack((from + i) % STACKS);
            stacks.merge(stack, value, Long::sum);
            ledger.get(service)
                    .merge(stack.substring(stack.lastIndexOf(';') + 1), value, Long::sum);
        }
        return Profiles.of("s" + service, "a", START + sent++ * SECOND, stacks).build();
    }

    private static Map<String, Long> leaves(RocksDbProfileStore store, int service) {
        return Profiles.selfByName(store.merge(query("service_name=\"s" + service + "\"", ALL)));
    }

    private void check(RocksDbProfileStore store) {
        for (int service = 0; service < SERVICES; service++) {
            assertThat(leaves(store, service))
                    .as("service %d", service)
                    .isEqualTo(ledger.get(service));
        }
    }

    @Test
    void stacksThatAreKnownAreNumberedWithoutReadingTheDictionaryAgain() {
        Random random = new Random(3);
        try (RocksDbProfileStore store = open(5 << 19)) {
            for (int service = 0; service < SERVICES; service++) {
                store.write(TENANT, List.of(profile(service, 0, STACKS, random)));
            }
            long loads = store.statistics().dictionaryLoads();
            for (int round = 0; round < 5; round++) {
                for (int service = 0; service < SERVICES; service++) {
                    store.write(TENANT, List.of(profile(service, 100 * round, 200, random)));
                }
            }
            assertThat(store.statistics().dictionaryLoads()).isEqualTo(loads);
            check(store);
            assertThat(store.statistics().dictionaryLoads())
                    .as("they do not fit")
                    .isGreaterThan(loads);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void totalsByFunctionAreExactWhateverIsLetGoMeanwhile(long seed) {
        Random random = new Random(seed);
        RocksDbProfileStore store = open(1 << 20);
        try {
            for (int i = 0; i < 600; i++) {
                int service = random.nextInt(SERVICES);
                Profile profile =
                        profile(
                                service,
                                random.nextInt(1 + STACKS * i / 600),
                                1 + random.nextInt(150),
                                random);
                assertThat(store.write(TENANT, List.of(profile))).isEqualTo(new WriteResult(1, 0));
                if (random.nextInt(20) == 0) {
                    assertThat(store.write(TENANT, List.of(profile)))
                            .isEqualTo(new WriteResult(0, 1));
                }
                if (random.nextInt(50) == 0) {
                    store.finishWindows();
                }
                if (random.nextInt(150) == 0) {
                    store.close();
                    store = open(1 << 20);
                }
                if (random.nextInt(30) == 0) {
                    int asked = random.nextInt(SERVICES);
                    assertThat(leaves(store, asked))
                            .as("seed %d", seed)
                            .isEqualTo(ledger.get(asked));
                }
            }
            check(store);
        } finally {
            store.close();
        }
    }
}
