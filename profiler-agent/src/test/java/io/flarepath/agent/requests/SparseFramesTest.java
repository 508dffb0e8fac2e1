package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Of long frames of data only the beginnings are captured: what is known of calls is the same as if
 * all were.
 */
class SparseFramesTest {
    private static final int HEADER = 9;

    /** What is captured of a long frame, its header included. */
    private static final int BEGINNING = 16;

    private static final int WHOLE = 2048;
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Random random = new Random(97);

    @Test
    void callsAreTheSameIfTheirDataIsNotCaptured() {
        int streams = 0;
        for (int round = 0; round < 300; round++) {
            List<Conversation.Piece> whole = new ArrayList<>();
            List<Segment> sparse = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                call(whole, i);
            }
            Conversation conversation = Conversation.of(whole);
            for (Segment segment : conversation.segments(Role.SERVER)) {
                sparse.addAll(captured(segment));
            }
            List<String> seen = Conversation.lines(Conversation.calls(sparse));
            assertThat(seen)
                    .as("round %d", round)
                    .hasSize(5)
                    .isEqualTo(
                            Conversation.lines(
                                    Conversation.calls(conversation.segments(Role.SERVER))));
            streams += (int) seen.stream().filter(line -> line.contains("STREAM")).count();
        }
        // Both kinds were among them.
        assertThat(streams).isBetween(300, 1200);
    }

    @Test
    void dataIsOverWhenItsLastByteGoesBy() {
        List<Conversation.Piece> pieces = new ArrayList<>();
        byte[] start = concat(PREFACE.getBytes(StandardCharsets.US_ASCII), headers(1, "", false));
        pieces.add(new Conversation.Piece(true, 1000, start));
        pieces.add(new Conversation.Piece(true, 2000, frame(0, 1, 1, new byte[10])));
        pieces.add(new Conversation.Piece(false, 3000, headers(1, "", false)));
        byte[] data = frame(0, 1, 1, new byte[16_384]);
        List<Segment> segments = new ArrayList<>(Conversation.of(pieces).segments(Role.SERVER));
        Segment answer = segments.getLast();
        for (long nanos : new long[] {4000, 9000}) {
            boolean first = nanos == 4000;
            segments.add(
                    new Segment(
                            answer.connection(),
                            answer.direction(),
                            answer.position() + answer.length() + (first ? 0 : BEGINNING),
                            first ? BEGINNING : data.length - BEGINNING,
                            data,
                            0,
                            first ? BEGINNING : 0,
                            nanos,
                            1));
        }
        var calls = Conversation.calls(segments);
        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().exchange().responseEnd()).isEqualTo(9000);
        assertThat(calls.getFirst().exchange().responseBytes()).isEqualTo(16_384);
    }

    /** A call of gRPC, with its messages in frames that begin and end anywhere in them. */
    private void call(List<Conversation.Piece> pieces, int number) {
        int stream = 2 * number + 1;
        long nanos = 1000L + 10_000L * number;
        ByteArrayOutputStream asked = new ByteArrayOutputStream();
        if (number == 0) {
            asked.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
        }
        asked.writeBytes(headers(stream, "content-type application/grpc", false));
        data(asked, stream, true);
        ByteArrayOutputStream answered = new ByteArrayOutputStream();
        answered.writeBytes(headers(stream, "", false));
        data(answered, stream, false);
        answered.writeBytes(headers(stream, "grpc-status " + random.nextInt(17), true));
        pieces.add(new Conversation.Piece(true, nanos, asked.toByteArray()));
        pieces.add(new Conversation.Piece(false, nanos + 5000, answered.toByteArray()));
    }

    private void data(ByteArrayOutputStream to, int stream, boolean ends) {
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int count = random.nextInt(4) == 0 ? 2 + random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            int length = random.nextInt(random.nextBoolean() ? 40 : 40_000);
            messages.writeBytes(
                    new byte[] {0, 0, (byte) (length >> 16), (byte) (length >> 8), (byte) length});
            messages.writeBytes(new byte[length]);
        }
        byte[] all = messages.toByteArray();
        for (int at = 0; at < all.length; ) {
            int most = random.nextInt(5) == 0 ? 7 : 16_384;
            int length = Math.min(all.length - at, 1 + random.nextInt(most));
            byte[] part = new byte[length];
            System.arraycopy(all, at, part, 0, length);
            at += length;
            to.writeBytes(frame(0, ends && at == all.length ? 1 : 0, stream, part));
        }
    }

    /** What the programs in the kernel tell of it, with a piece of a message a call. */
    private static List<Segment> captured(Segment segment) {
        List<Segment> parts = new ArrayList<>();
        byte[] bytes = segment.bytes();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).startsWith("PRI") ? 24 : 0;
        int from = 0;
        while (at < segment.length()) {
            int length =
                    (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF);
            int unit = HEADER + length;
            at += unit;
            if (bytes[at - unit + 3] == 0 && unit > WHOLE) {
                int captured = at - unit - from + BEGINNING;
                parts.add(Conversation.part(segment, from, at - from, captured));
                from = at;
            }
        }
        if (from < at) {
            parts.add(Conversation.part(segment, from, at - from, at - from));
        }
        return parts;
    }

    private static byte[] headers(int stream, String field, boolean last) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        if (!last) {
            // Of a request :method GET and :path /, and of an answer :status 200: all of them do no
            // harm.
            block.write(0x82);
            block.write(0x84);
            block.write(0x88);
        }
        if (!field.isEmpty()) {
            String[] parts = field.split(" ", 2);
            block.write(0);
            for (String part : parts) {
                block.write(part.length());
                block.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return frame(1, last ? 5 : 4, stream, block.toByteArray());
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        int length = payload.length;
        byte[] header = {
            (byte) (length >> 16),
            (byte) (length >> 8),
            (byte) length,
            (byte) type,
            (byte) flags,
            0,
            0,
            (byte) (stream >> 8),
            (byte) stream
        };
        return concat(header, payload);
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = new byte[one.length + other.length];
        System.arraycopy(one, 0, both, 0, one.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
