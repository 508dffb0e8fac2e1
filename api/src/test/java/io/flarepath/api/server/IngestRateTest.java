package io.flarepath.api.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IngestRateTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);

    @Test
    void aTenantMayBeAheadByTheBurstAndThenWaits() {
        IngestRate rate = new IngestRate(100, 300, now::get);
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
        IngestRate rate = new IngestRate(100, 100, now::get);
        rate.sent("a", 100);
        now.addAndGet(1_000 * SECOND);
        rate.sent("a", 500);
        assertThatThrownBy(() -> rate.check("a")).isInstanceOf(Overloaded.class);
    }

    @Test
    void withoutALimitNothingIsCounted() {
        IngestRate rate = new IngestRate(0, 1, now::get);
        rate.sent("a", Long.MAX_VALUE);
        assertThatCode(() -> rate.check("a")).doesNotThrowAnyException();
    }
}
