package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Protocol;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void everyRequestOfItIsUnderstood() {
        Map<Protocol, Integer> calls = new EnumMap<>(Protocol.class);
        Rehearsal.run(call -> calls.merge(call.exchange().protocol(), 1, Integer::sum));
        assertThat(calls).isEqualTo(Map.of(Protocol.HTTP1, 1_500, Protocol.REDIS, 1_500));
    }
}
