package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.call.CallPlace;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.call.Calls;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.QueryRefusedException;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallStoreTest {
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final TimeRange ALL = new TimeRange(0, START + 100_000 * HOUR);

    @TempDir private Path directory;
    private final AtomicLong clock = new AtomicLong(START + HOUR);
    private RocksDbProfileStore store;
    private long uploads;
    private long mostBytes = 1 << 30;

    private StoreOptions options() {
        return StoreOptions.defaults()
                .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                .withRetention(Duration.ofDays(30), Duration.ofDays(100))
                .withCalls(Duration.ofDays(1), mostBytes)
                .withTenantAges(Map.of("short", Duration.ofHours(2)))
                .withClock(() -> Instant.ofEpochSecond(0, clock.get()));
    }

    @BeforeEach
    void open() {
        store = RocksDbProfileStore.open(directory, options());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() {
        store.close();
        open();
    }

    private WriteResult write(String tenant, List<Call> calls) {
        return store.calls().write(tenant, id(++uploads), calls);
    }

    private static byte[] id(long number) {
        return ByteBuffer.allocate(32).putLong(number << 32).array();
    }

    /** What is asked for: everything but what is set. */
    private static final class Ask {
        private String selector = "{}";
        private TimeRange range = ALL;
        private EnumSet<CallRole> roles = EnumSet.allOf(CallRole.class);
        private CallQuery.Words words = CallQuery.Words.ANY;
        private boolean failed;
        private long least;
        private CallQuery.@Nullable Trace trace;
        private CallOrder order = CallOrder.NEWEST;
        private @Nullable CallPlace after;
        private int limit = Integer.MAX_VALUE;

        private CallQuery of(String tenant) {
            return new CallQuery(
                    tenant,
                    Selector.parse(selector),
                    range,
                    roles,
                    words,
                    failed,
                    least,
                    trace,
                    order,
                    after,
                    limit);
        }
    }

    private List<Call> read(Ask ask) {
        return store.calls().read(ask.of("t"));
    }

    private static CallQuery.Words route(String route) {
        return new CallQuery.Words(null, null, route, null, null);
    }

    private static CallQuery.Words status(String status) {
        return new CallQuery.Words(null, null, null, status, null);
    }

    /** Each filter by itself, and what it must leave. */
    private static void addFilters(List<Ask> asks, List<Predicate<Call>> oracles, Call some) {
        Ask ask = new Ask();
        asks.add(ask);
        oracles.add(call -> true);
        ask = new Ask();
        ask.selector = "{service_name=\"shop\"}";
        asks.add(ask);
        oracles.add(call -> call.service().equals("shop"));
        ask = new Ask();
        ask.selector = "{service.name=\"pay\",pod=~\"pay-[01]\"}";
        asks.add(ask);
        oracles.add(call ->
                call.service().equals("pay") && !"pay-2".equals(call.resource().get("pod")));
        ask = new Ask();
        ask.words = route("/ü/{name}");
        asks.add(ask);
        oracles.add(call -> call.words().route().equals("/ü/{name}"));
        ask = new Ask();
        ask.words = status("5xx");
        asks.add(ask);
        oracles.add(call -> call.words().status().startsWith("5"));
        ask = new Ask();
        ask.words = new CallQuery.Words("http", "POST", null, "404", "10.0.0.1");
        asks.add(ask);
        oracles.add(call ->
                call.words().method().equals("POST")
                        && call.words().status().equals("404")
                        && "10.0.0.1".equals(call.attributes().get("network.peer.address")));
        ask = new Ask();
        ask.failed = true;
        asks.add(ask);
        oracles.add(Call::failed);
        ask = new Ask();
        ask.least = SECOND / 10;
        ask.roles = EnumSet.of(CallRole.CLIENT, CallRole.CONSUMER);
        asks.add(ask);
        oracles.add(call ->
                call.durationNanos() >= SECOND / 10
                        && (call.role() == CallRole.CLIENT || call.role() == CallRole.CONSUMER));
        ask = new Ask();
        ask.trace = new CallQuery.Trace(some.traceHigh(), some.traceLow());
        asks.add(ask);
        oracles.add(
                call -> call.traceHigh() == some.traceHigh() && call.traceLow() == some.traceLow());
        ask = new Ask();
        ask.range = new TimeRange(START + 7 * MINUTE, START + 25 * MINUTE);
        asks.add(ask);
        TimeRange range = ask.range;
        oracles.add(call -> range.contains(call.startNanos()));
    }

    /** Written, put together and reopened at random: answers are those of a plain list. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void everySearchFindsWhatAPlainListHas(long seed) {
        Random random = new Random(seed);
        List<Call> all = new ArrayList<>();
        for (int upload = 0; upload < 25; upload++) {
            List<Call> calls = new ArrayList<>();
            for (int i = random.nextInt(250); i >= 0; i--) {
                calls.add(Calls.random(random, START, START + HOUR));
            }
            assertThat(write("t", calls)).isEqualTo(new WriteResult(calls.size(), 0));
            all.addAll(calls);
            if (random.nextInt(8) == 0) {
                clock.set(START + random.nextLong(2 * HOUR));
                store.finishWindows();
            }
            if (random.nextInt(15) == 0) {
                reopen();
            }
        }
        List<Ask> asks = new ArrayList<>();
        List<Predicate<Call>> oracles = new ArrayList<>();
        addFilters(asks, oracles, all.get(random.nextInt(all.size())));
        for (int i = 0; i < asks.size(); i++) {
            for (CallOrder order : CallOrder.values()) {
                Ask ask = asks.get(i);
                ask.order = order;
                ask.limit = 100 + random.nextInt(1000);
                List<Call> expected =
                        all.stream()
                                .filter(oracles.get(i))
                                .sorted(Comparator.comparing(Call::place, order.places()))
                                .toList();
                assertThat(expected).as("filter %d", i).isNotEmpty();
                assertThat(pages(ask)).as("seed %d, filter %d", seed, i).isEqualTo(expected);
            }
        }
        assertThat(store.statistics().corruptValues()).isZero();
    }

    /** All that is found, page by page. */
    private List<Call> pages(Ask ask) {
        List<Call> found = new ArrayList<>();
        ask.after = null;
        while (true) {
            List<Call> page = read(ask);
            assertThat(page.size()).isLessThanOrEqualTo(ask.limit);
            found.addAll(page);
            if (page.size() < ask.limit) {
                return found;
            }
            ask.after = page.getLast().place();
        }
    }

    @Test
    void whatIsSentAgainCountsOnce() {
        List<Call> calls = List.of(Calls.of(1, START, 5), Calls.of(2, START + 1, 6));
        byte[] upload = id(77);
        assertThat(store.calls().write("t", upload, calls)).isEqualTo(new WriteResult(2, 0));
        assertThat(store.calls().write("t", upload, calls)).isEqualTo(new WriteResult(0, 2));
        store.finishWindows();
        assertThat(store.calls().write("t", upload, calls)).isEqualTo(new WriteResult(0, 2));
        assertThat(write("t", calls.subList(0, 1)))
                .as("another upload, as a Collector makes of a retry")
                .isEqualTo(new WriteResult(1, 0));
        assertThat(read(new Ask())).containsExactly(calls.get(1), calls.get(0));
        assertThat(store.calls().read(new Ask().of("other"))).isEmpty();
    }

    @Test
    void smallBlocksBecomeLargeOnesBeforeTheirWindowIsOver() {
        clock.set(START);
        for (int upload = 0; upload < 50; upload++) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                calls.add(Calls.of(upload * 100 + i, START + upload + i * SECOND, i));
            }
            write("t", calls);
        }
        long before = store.statistics().callBytes();
        store.finishWindows();
        assertThat(values("call-parts")).isZero();
        assertThat(values("calls")).isEqualTo(2);
        assertThat(values("call-index")).isEqualTo(2);
        assertThat(store.statistics().callBytes()).isLessThan(before);
        assertThat(read(new Ask())).hasSize(5000);
        long stored = store.statistics().callBytes();
        reopen();
        assertThat(store.statistics().callBytes()).as("counted anew").isEqualTo(stored);
        StoreContents.Part part = store.contents("t").levels().getLast();
        assertThat(part.name()).isEqualTo("calls");
        assertThat(part.rows()).isEqualTo(5000);
        assertThat(part.bytes()).isGreaterThanOrEqualTo(stored);
    }

    private long values(String family) {
        return store.contents("t").families().stream()
                .filter(one -> one.name().equals(family))
                .mapToLong(StoreContents.Family::values)
                .sum();
    }

    @Test
    void oldCallsGoAndTenantsHaveAgesOfTheirOwn() {
        for (int hour = 0; hour < 30; hour++) {
            List<Call> calls = List.of(Calls.of(hour + 1, START + hour * HOUR, 1));
            write("t", calls);
            write("short", calls);
        }
        clock.set(START + 30 * HOUR);
        store.finishWindows();
        store.applyRetention();
        assertThat(read(new Ask())).hasSize(24).last().isEqualTo(Calls.of(7, START + 6 * HOUR, 1));
        assertThat(store.calls().read(new Ask().of("short"))).hasSize(2);
        long stored = store.statistics().callBytes();
        reopen();
        assertThat(store.statistics().callBytes()).isEqualTo(stored);
        assertThat(read(new Ask())).hasSize(24);
        assertThat(store.calls().isAny("t", null, ALL)).isTrue();
        assertThat(store.calls().isAny("t", "shop", ALL)).isTrue();
        assertThat(store.calls().isAny("t", "pay", ALL)).isFalse();
        assertThat(store.calls().isAny("t", null, new TimeRange(0, START + HOUR))).isFalse();
        assertThat(store.calls().isAny("other", null, ALL)).isFalse();
    }

    @Test
    void whatIsTooMuchMakesTheOldestGo() {
        mostBytes = 1 << 20;
        reopen();
        Random random = new Random(5);
        long last = 0;
        for (int minute = 0; minute < 60; minute += 2) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                long start = START + minute * MINUTE + i;
                calls.add(Calls.of(random.nextLong(), start, i));
                last = start;
            }
            write("t", calls);
            clock.set(START + (minute + 2) * MINUTE);
            store.finishWindows();
            assertThat(store.statistics().callBytes()).isLessThanOrEqualTo(mostBytes + (200 << 10));
        }
        Ask ask = new Ask();
        List<Call> left = read(ask);
        assertThat(left).hasSizeGreaterThan(5000).hasSizeLessThan(55_000);
        assertThat(left.getFirst().startNanos()).isEqualTo(last);
        long oldest = left.getLast().startNanos();
        assertThat(left)
                .as("nothing is missing behind the oldest that is left")
                .hasSizeGreaterThanOrEqualTo(
                        (int) ((START + 58 * MINUTE - oldest) / (2 * MINUTE)) * 2000);
        long stored = store.statistics().callBytes();
        reopen();
        assertThat(store.statistics().callBytes()).isEqualTo(stored);
    }

    @Test
    void aWindowThatIsTooLargeByItselfLosesItsOldest() {
        mostBytes = 1 << 20;
        reopen();
        clock.set(START);
        Random random = new Random(6);
        for (int upload = 0; upload < 20; upload++) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 4096; i++) {
                calls.add(Calls.of(random.nextLong(), START + upload * SECOND, i));
            }
            write("t", calls);
            store.finishWindows();
        }
        assertThat(store.statistics().callBytes()).isLessThanOrEqualTo(mostBytes);
        List<Call> left = read(new Ask());
        assertThat(left).hasSizeGreaterThan(4096);
        assertThat(left.getFirst().startNanos()).isEqualTo(START + 19 * SECOND);
    }

    @Test
    void aSearchStopsWhenItCostsTooMuch() {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            calls.add(Calls.of(i, START + i, i));
        }
        write("t", calls);
        Ask ask = new Ask();
        ask.words = route("/cart");
        assertThatThrownBy(() -> Allowance.of(2000, Duration.ofMinutes(5)).within(() -> read(ask)))
                .isInstanceOf(QueryRefusedException.class);
        Allowance cancelled = Allowance.of(1_000_000, Duration.ofMinutes(5));
        cancelled.cancel();
        assertThatThrownBy(() -> cancelled.within(() -> read(ask)))
                .isInstanceOf(QueryRefusedException.class);
    }
}
