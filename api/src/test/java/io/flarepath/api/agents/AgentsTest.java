package io.flarepath.api.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.ApiError;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class AgentsTest {
    private final TestClock clock = new TestClock();
    private final Agents agents = new Agents(clock, 2);

    private static final class TestClock extends Clock {
        private long millis = 1_000_000;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }
    }

    @Test
    void anAgentIsOnlineForFortyFiveSeconds() {
        hear("a");
        clock.millis += 45_000;
        assertThat(agents.all().getFirst().online()).isTrue();
        clock.millis += 1;
        assertThat(agents.all().getFirst().online()).isFalse();
        assertThat(agents.online()).isZero();
    }

    @Test
    void whoIsOfflineLongestMakesRoom() {
        hear("a");
        clock.millis += 1_000;
        hear("b");
        assertThatThrownBy(() -> hear("c"))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining("limit");
        clock.millis += 44_500;
        hear("c");
        assertThat(agents.all()).extracting(Agents.Seen::node).containsExactly("b", "c");
    }

    @Test
    void theSkewIsTakenAtReceipt() {
        hear("a");
        assertThat(agents.all().getFirst().clockSkewMillis()).isEqualTo(7 - 1_000_000);
        clock.millis += 10_000;
        assertThat(agents.all().getFirst().clockSkewMillis()).isEqualTo(7 - 1_000_000);
    }

    @Test
    void aClosedPollIsNotReleasedAgain() {
        Promise<Void> older = hear("a");
        agents.closed("a", older);
        Promise<Void> newer = hear("a");
        assertThat(older.future().isComplete()).isFalse();
        hear("a");
        assertThat(newer.future().isComplete()).isTrue();
    }

    private Promise<Void> hear(String node) {
        String body = "{\"state\":\"sampling\",\"clockMillis\":7}";
        return agents.heard(node, Heartbeat.parse(body.getBytes(StandardCharsets.UTF_8)));
    }
}
