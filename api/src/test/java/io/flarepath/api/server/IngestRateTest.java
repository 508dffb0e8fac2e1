package io.flarepath.api.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.IngestBudgets.Budget;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IngestRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);

    private IngestRate rate(long bytesPerSecond, long burstBytes) {
        return new IngestRate(
                new IngestBudgets(
                        new Budget(bytesPerSecond, burstBytes),
                        Map.of("free", new Budget(0, 1), "slow", new Budget(10, 10))),
                now::get);
    }

    @Test
    void aTenantOfItsOwnBudgetDoesNotFollowTheCommonOne() {
        IngestRate rate = rate(100, 100);
        for (String tenant : new String[] {"free", "slow", "other"}) {
            rate.sent(tenant, 90);
        }
        assertThatCode(() -> rate.check("free")).doesNotThrowAnyException();
        assertThatCode(() -> rate.check("other")).doesNotThrowAnyException();
        assertThatThrownBy(() -> rate.check("slow"))
                .isInstanceOfSatisfying(
                        Overloaded.class,
                        refusal -> {
                            assertThat(refusal.retryAfterSeconds()).isEqualTo(9);
                            assertThat(refusal)
                                    .hasMessageContaining("limits.ingestion-rate.tenants");
                        });
        now.addAndGet(8 * SECOND);
        assertThatCode(() -> rate.check("slow")).doesNotThrowAnyException();
    }

    @Test
    void aTenantMayBeAheadByTheBurstAndThenWaits() {
        IngestRate rate = rate(100, 300);
        rate.check("a");
        rate.sent("a", 300);
        rate.check("a");
        rate.sent("a", 201);
        assertThatThrownBy(() -> rate.check("a"))
                .isInstanceOfSatisfying(
                        Overloaded.class,
                        refusal -> {
                            assertThat(refusal.retryAfterSeconds()).isEqualTo(3);
                            assertThat(refusal).hasMessageContaining("limits.ingestion-rate");
                        });
        assertThatCode(() -> rate.check("b")).doesNotThrowAnyException();
        now.addAndGet(2 * SECOND);
        assertThatThrownBy(() -> rate.check("a")).isInstanceOf(Overloaded.class);
        now.addAndGet(SECOND);
        assertThatCode(() -> rate.check("a")).doesNotThrowAnyException();
    }

    @Test
    void whatWasPaidLongAgoIsNoCredit() {
        IngestRate rate = rate(100, 100);
        rate.sent("a", 100);
        now.addAndGet(1_000 * SECOND);
        rate.sent("a", 500);
        assertThatThrownBy(() -> rate.check("a")).isInstanceOf(Overloaded.class);
    }

    @Test
    void withoutALimitNothingIsCounted() {
        IngestRate rate = rate(0, 1);
        rate.sent("a", Long.MAX_VALUE);
        assertThatCode(() -> rate.check("a")).doesNotThrowAnyException();
    }
}
