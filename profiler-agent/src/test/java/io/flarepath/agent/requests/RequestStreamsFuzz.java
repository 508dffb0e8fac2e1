package io.flarepath.agent.requests;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.red.RequestMetrics;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/**
 * Whatever two ends send: nothing is thrown, and what is held and told stays within bounds. The
 * input is a row of segments: flags (1: the client's, 2: bytes after it were not captured, 4: bytes
 * before it are missing or come again, 8: of another connection, 16: a datagram), two bytes of
 * length, the bytes. The seeds are recordings.
 */
@Tag("fuzz")
class RequestStreamsFuzz {
    private static final int MOST_HELD = 256 << 10;

    @FuzzTest(maxDuration = "20s")
    void fromTheStart(byte[] data) {
        read(data, 0);
    }

    @FuzzTest(maxDuration = "20s")
    void fromTheMiddle(byte[] data) {
        read(data, 1000);
    }

    private static void read(byte[] data, long start) {
        RequestMetrics metrics = new RequestMetrics();
        CallNames names = new CallNames(List.of("/users/{id}"));
        List<Call> calls = new ArrayList<>();
        Connections connections = new Connections(calls::add, key -> {}, 3, MOST_HELD);
        long[] positions = {start, start, start, start};
        long nanos = 1_000_000_000L;
        int at = 0;
        while (data.length - at > 3) {
            int flags = data[at];
            int length = (data[at + 1] & 0xFF) << 8 | (data[at + 2] & 0xFF);
            at += 3;
            int captured = Math.min(length, data.length - at);
            int hole = (flags & 2) != 0 ? 1 + (length & 63) : 0;
            int shift = (flags & 4) != 0 ? (length & 7) - 3 : 0;
            int stream = (flags & 1) | ((flags & 8) != 0 ? 2 : 0);
            long position = Math.max(0, positions[stream] + shift);
            nanos += (flags & 32) != 0 ? 2_000_000_000L : 1000;
            boolean udp = (flags & 16) != 0;
            connections.accept(
                    new Segment(
                            new ConnectionKey(
                                    stream >> 1,
                                    udp ? Transport.UDP : Transport.TCP,
                                    1,
                                    start == 0 ? null : Role.SERVER,
                                    udp ? 53 : 8080,
                                    "10.0.0.1",
                                    40_000),
                            (flags & 1) != 0 ? Direction.RECEIVED : Direction.SENT,
                            position,
                            captured + hole,
                            data,
                            at,
                            captured,
                            nanos,
                            7));
            positions[stream] = position + captured + hole;
            at += captured;
            if (connections.heldBytes() > MOST_HELD + (128 << 10)) {
                throw new AssertionError("holds " + connections.heldBytes());
            }
        }
        connections.expire(nanos + 300_000_000_000L);
        calls.forEach(RequestStreamsFuzz::check);
        calls.forEach(call -> metrics.record(names.of(call)));
        long told = metrics.take().size();
        if (told > 5L * calls.size()) {
            throw new AssertionError(told + " points of " + calls.size() + " calls");
        }
    }

    private static void check(Call call) {
        Exchange exchange = call.exchange();
        boolean bounded =
                exchange.operation().length() <= Exchange.LONGEST_TEXT
                        && exchange.target().length() <= Exchange.LONGEST_TEXT
                        && exchange.requestBytes() >= 0
                        && exchange.responseBytes() >= 0
                        && exchange.responseEnd() >= exchange.responseStart();
        if (!bounded) {
            throw new AssertionError(Conversation.line(call));
        }
    }
}
