package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryDelayTest {
    private final RetryDelay delay =
            new RetryDelay(
                    () -> Instant.parse("2026-11-21T10:00:00Z"),
                    new SplittableRandom(1),
                    Duration.ofSeconds(30));

    @Test
    void doublesFromHalfASecondToThirtyWithJitter() {
        long[] bases = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
        for (long base : bases) {
            assertThat(next("").toMillis())
                    .isBetween(base * 8 / 10, Math.min(30000, base * 12 / 10));
        }
        assertThat(delay.failures()).isEqualTo(9);
        delay.reset();
        assertThat(next("").toMillis()).isLessThanOrEqualTo(600);
    }

    @Test
    void jitterSpreadsTheAgents() {
        RetryDelay other =
                new RetryDelay(
                        () -> Instant.EPOCH, new SplittableRandom(2), Duration.ofSeconds(30));
        assertThat(other.next(Optional.empty())).isNotEqualTo(next(""));
    }

    @Test
    void whatTheServerAsksForIsHonouredAndCapped() {
        assertThat(next("7")).isEqualTo(Duration.ofSeconds(7));
        assertThat(next("999999999")).isEqualTo(Duration.ofMinutes(5));
        assertThat(next("Sat, 21 Nov 2026 10:00:40 GMT")).isEqualTo(Duration.ofSeconds(40));
        assertThat(next("Sat, 21 Nov 2099 10:00:40 GMT")).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void whatIsNotUnderstoodOrPastAsksForNothing() {
        for (String header :
                new String[] {"soon", "-5", "", "Sat, 21 Nov 2020 10:00:40 GMT", "0"}) {
            delay.reset();
            assertThat(next(header).toMillis()).as(header).isBetween(400L, 600L);
        }
    }

    private Duration next(String header) {
        return delay.next(header.isEmpty() ? Optional.empty() : Optional.of(header));
    }
}
