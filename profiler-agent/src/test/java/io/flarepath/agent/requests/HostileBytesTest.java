package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Recorded traffic with bytes changed: nothing is thrown, and what is told stays within bounds. */
class HostileBytesTest {
    private static final int ROUNDS = Integer.getInteger("flarepath.hostile.rounds", 60);

    @ParameterizedTest
    @MethodSource("io.flarepath.agent.requests.RecordedTrafficTest#recordings")
    void changedBytesAreRead(String name) {
        Conversation conversation = Conversation.recorded(name);
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> changed = new ArrayList<>();
            for (Segment segment : conversation.segments(Role.SERVER)) {
                changed.add(changed(segment, random));
            }
            for (Call call : Conversation.calls(changed)) {
                Exchange exchange = call.exchange();
                assertThat(exchange.operation()).hasSizeLessThanOrEqualTo(Exchange.LONGEST_TEXT);
                assertThat(exchange.target()).hasSizeLessThanOrEqualTo(Exchange.LONGEST_TEXT);
                assertThat(exchange.requestBytes()).isNotNegative();
                assertThat(exchange.responseBytes()).isNotNegative();
                assertThat(exchange.responseEnd()).isGreaterThanOrEqualTo(exchange.responseStart());
            }
        }
    }

    private static Segment changed(Segment segment, Random random) {
        Segment own = segment.copied();
        int changes = random.nextInt(4);
        for (int i = 0; i < changes && own.captured() > 0; i++) {
            int at = random.nextInt(own.captured());
            own.bytes()[at] =
                    switch (random.nextInt(4)) {
                        case 0 -> (byte) random.nextInt(256);
                        case 1 -> (byte) 0xFF;
                        case 2 -> 0;
                        default -> (byte) (own.bytes()[at] ^ 1 << random.nextInt(8));
                    };
        }
        boolean cut = random.nextInt(6) == 0;
        int captured = cut ? random.nextInt(own.captured() + 1) : own.captured();
        return Conversation.part(own, 0, own.length(), captured);
    }
}
