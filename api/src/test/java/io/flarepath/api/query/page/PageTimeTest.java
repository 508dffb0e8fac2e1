package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.query.TimeRange;
import org.junit.jupiter.api.Test;

class PageTimeTest {
    private static final long NOW = 1_700_000_000_000L;

    @Test
    void readsItsForms() {
        assertThat(PageTime.parse("from", "now", NOW)).isEqualTo(NOW);
        assertThat(PageTime.parse("from", "1234", NOW)).isEqualTo(1_234);
        assertThat(PageTime.parse("from", "now-15m", NOW)).isEqualTo(NOW - 900_000);
        assertThat(PageTime.parse("from", "now+1s", NOW)).isEqualTo(NOW + 1_000);
        assertThat(PageTime.parse("from", "now-2w", NOW)).isEqualTo(NOW - 14 * 86_400_000L);
    }

    @Test
    void refusesTheRest() {
        for (String text :
                new String[] {"", "now-", "now-m", "now-1", "now-1x", "-5", "1e3", "now-1h30m"}) {
            assertThatThrownBy(() -> PageTime.parse("from", text, NOW))
                    .as(text)
                    .isInstanceOf(ApiError.class)
                    .hasMessageContaining("from");
        }
        assertThatThrownBy(() -> PageTime.parse("from", "now-9999999999999w", NOW))
                .hasMessageContaining("outside of what can be stored");
    }

    @Test
    void stepsAreRoundedUpToWidthsThatReadWell() {
        assertThat(step(3_600, 60)).isEqualTo(60);
        assertThat(step(3_600, 70)).isEqualTo(60);
        assertThat(step(3_600, 59)).isEqualTo(120);
        assertThat(step(60, 60)).as("no shorter than a window").isEqualTo(10);
        assertThat(step(86_400 * 365L, 2)).isEqualTo(2_592_000 * 7L);
    }

    private static long step(long rangeSeconds, int points) {
        return Steps.nanos(new TimeRange(0, rangeSeconds * 1_000_000_000), points) / 1_000_000_000;
    }
}
