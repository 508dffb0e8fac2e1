package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.QueryRefusedException;
import io.flarepath.store.query.QueryRefusedException.Reason;
import io.flarepath.store.query.TimeRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an answer may cost, and that the store stops when it is used up. */
class AllowanceTest {
    private static final long HOUR = 3_600_000_000_000L;
    private static final int HOURS = 100;
    private static final int STACKS = 20;
    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir private Path directory;
    private RocksDbProfileStore store;

    @BeforeEach
    void writeOneProfileAnHour() {
        store =
                RocksDbProfileStore.open(
                        directory,
                        StoreOptions.defaults()
                                .withRetention(Duration.ofDays(36_500), Duration.ofHours(1)));
        for (int hour = 0; hour < HOURS; hour++) {
            Map<String, Long> stacks = new HashMap<>();
            for (int stack = 0; stack < STACKS; stack++) {
                stacks.put("main;f" + stack, 1L);
            }
            store.write(
                    TENANT, List.of(Profiles.of("shop", "a", START + hour * HOUR, stacks).build()));
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static <T> T within(Allowance allowance, Callable<T> work) throws Exception {
        return allowance.within(work);
    }

    private long total(TimeRange range) {
        return store.merge(query("", range)).total(0);
    }

    @Test
    void whatFitsIsAnsweredInFull() throws Exception {
        assertThat(within(Allowance.of(HOURS * STACKS, LONG), () -> total(ALL)))
                .isEqualTo(HOURS * STACKS);
        assertThat(total(ALL)).as("without bounds").isEqualTo(HOURS * STACKS);
    }

    @Test
    void aRefusalSaysHowMuchWouldHaveFittedAndThatDoes() throws Exception {
        long rows = HOURS * STACKS / 4;
        String message = null;
        try {
            within(Allowance.of(rows, LONG), () -> total(ALL));
        } catch (QueryRefusedException e) {
            assertThat(e.reason()).isEqualTo(Reason.ROWS);
            message = e.getMessage();
        }
        assertThat(message).contains("more than 500 rows").contains("of the 1 series");
        Matcher fits = Pattern.compile("About (\\d+) h of the 4 d").matcher(message);
        assertThat(fits.find()).as(message).isTrue();
        int hours = Integer.parseInt(fits.group(1));
        assertThat(hours).isBetween(15, 26);
        TimeRange shorter = new TimeRange(START, START + (hours - 1) * HOUR);
        assertThat(within(Allowance.of(rows, LONG), () -> total(shorter)))
                .isEqualTo((hours - 1L) * STACKS);
    }

    @Test
    void sumsOfLongerTimesCostLess() throws Exception {
        store.finishWindows();
        assertThat(within(Allowance.of(HOURS * STACKS / 4, LONG), () -> total(ALL)))
                .isEqualTo(HOURS * STACKS);
        assertThatThrownBy(() -> within(Allowance.of(4 * STACKS, LONG), () -> total(ALL)))
                .isInstanceOf(QueryRefusedException.class)
                .hasMessageContaining("after 96.0 %");
    }

    @Test
    void totalsOverTimeCostOneRowEach() throws Exception {
        TimeRange range = new TimeRange(START, START + HOURS * HOUR);
        Callable<Long> series =
                () -> store.timeSeries(query("", range), HOUR, List.of()).getFirst().total();
        assertThat(within(Allowance.of(HOURS, LONG), series)).isEqualTo(HOURS * STACKS);
        assertThatThrownBy(() -> within(Allowance.of(HOURS - 1, LONG), series))
                .isInstanceOf(QueryRefusedException.class);
    }

    @Test
    void timeThatIsOverIsOverBeforeTheWorkBegins() throws Exception {
        Allowance allowance = Allowance.of(1_000_000, Duration.ofNanos(1));
        while (true) {
            try {
                allowance.check();
            } catch (QueryRefusedException e) {
                assertThat(e.reason()).isEqualTo(Reason.TIME);
                break;
            }
        }
        assertThatThrownBy(() -> within(allowance, () -> total(ALL)))
                .isInstanceOf(QueryRefusedException.class);
    }

    @Test
    void anAnswerThatNobodyWaitsForIsGivenUpInItsMiddle() {
        Allowance allowance = Allowance.of(1_000_000, LONG);
        assertThatThrownBy(() ->
                        within(
                                allowance,
                                () -> {
                                    allowance.cancel();
                                    return total(ALL);
                                }))
                .isInstanceOfSatisfying(
                        QueryRefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        assertThat(store.profileTypes(TENANT, query("", ALL).selector(), ALL))
                .containsExactly(ProfileType.CPU);
    }
}
