package io.flarepath.agent.requests;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Whatever two ends send: nothing is thrown, memory is bounded, and cuts do not matter. */
@Tag("fuzz")
class RequestStreamsFuzz {
    private static final String[] OPENINGS = {
        "",
        "GET / HTTP/1.1\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "*1\r\n$4\r\nPING\r\n",
        "\0\0\0\20\0\3\0\0user\0m\0\0",
        "\0\0\0\21\0\22\0\3\0\0\0\1\0\1c\0\0\0\0\0\0"
    };

    private static final String GREETING = "\14\0\0\0\n8.0.36\0\1\0\0\0";

    @FuzzTest(maxDuration = "20s")
    void anyBytesAreRead(FuzzedDataProvider data) {
        List<Conversation.Piece> pieces = new ArrayList<>();
        int opening = data.consumeInt(0, OPENINGS.length);
        String text = opening == OPENINGS.length ? GREETING : OPENINGS[opening];
        long nanos = 1000;
        pieces.addAll(Conversation.of((opening == OPENINGS.length ? "<" : ">") + text).pieces());
        while (data.remainingBytes() > 0 && pieces.size() < 64) {
            boolean client = data.consumeBoolean();
            byte[] bytes = data.consumeBytes(data.consumeInt(1, 600));
            pieces.add(new Conversation.Piece(client, nanos += 1000, bytes));
        }
        Conversation conversation = Conversation.of(pieces);
        List<Segment> whole = conversation.segments(Role.SERVER);
        List<Call> calls = Conversation.calls(whole);
        for (Call call : calls) {
            if (call.exchange().protocol() == Protocol.DNS) {
                throw new AssertionError("DNS on a port that is not its own");
            }
        }
    }

    /** From the middle, with parts missing. */
    @FuzzTest(maxDuration = "20s")
    void anyPartsAreRead(FuzzedDataProvider data) {
        List<Call> calls = new ArrayList<>();
        Connections connections = new Connections(calls::add, 4, 256 << 10);
        long[] positions = {data.consumeInt(0, 3), data.consumeInt(0, 3)};
        for (int i = 0; i < 64 && data.remainingBytes() > 0; i++) {
            int side = data.consumeInt(0, 1);
            byte[] bytes = data.consumeBytes(data.consumeInt(0, 600));
            int hole = data.consumeInt(-2, 40);
            positions[side] += Math.max(-positions[side], data.consumeInt(-3, 3));
            Segment first =
                    Conversation.of(List.of(new Conversation.Piece(side == 0, 1000L * i, bytes)))
                            .segments(Role.SERVER)
                            .getFirst();
            connections.accept(
                    new Segment(
                            first.connection(),
                            first.direction(),
                            positions[side],
                            bytes.length + Math.max(0, hole),
                            bytes,
                            0,
                            bytes.length,
                            1000L * i,
                            1));
            positions[side] += bytes.length + Math.max(0, hole);
        }
        connections.expire(Long.MAX_VALUE / 2);
        if (connections.heldBytes() > 400 << 10) {
            throw new AssertionError("holds " + connections.heldBytes());
        }
    }
}
