package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No answer goes to the wrong request, whatever is missing: clients that wait for each answer or
 * for those of a burst, seen from the middle, with segments missing, cut, or out of order. And what
 * is there is found.
 */
class PairingPropertyTest {
    private static final int ROUNDS = 100;
    private static final int REQUESTS = 60;

    @ParameterizedTest
    @EnumSource(NumberedWire.class)
    void allOfThemAreFound(NumberedWire wire) {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Conversation conversation = conversation(wire, random);
            assertThat(checked(wire, conversation.segments(Role.SERVER), seed)).isEqualTo(REQUESTS);
            assertThat(checked(wire, conversation.recut(Role.CLIENT, random), seed))
                    .isEqualTo(REQUESTS);
        }
    }

    @ParameterizedTest
    @EnumSource(NumberedWire.class)
    void fromTheMiddleMostAreFoundAndNoneIsWrong(NumberedWire wire) {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> segments = withRole(conversation(wire, random).segments(Role.SERVER));
            int from = 1 + random.nextInt(segments.size() - 1);
            List<Segment> rest = segments.subList(from, segments.size());
            int found = checked(wire, rest, seed);
            int left = rest.stream().mapToInt(s -> 1).sum();
            // Bursts are of 8 at most; the first of them may be lost, and the next two hold trials.
            assertThat(found).as("seed %d, from %d", seed, from).isGreaterThan(left / 8 - 18);
        }
    }

    @ParameterizedTest
    @EnumSource(NumberedWire.class)
    void ofClientsThatWaitHardlyAnyIsMissed(NumberedWire wire) {
        List<Segment> segments = withRole(lockstep(wire).segments(Role.SERVER));
        int complete = checked(wire, segments, 0);
        for (int from = 1; from < 20; from++) {
            int seen = checked(wire, segments.subList(from, segments.size()), from);
            assertThat(seen).as("from %d", from).isGreaterThan(complete - from / 2 - 4);
        }
    }

    @ParameterizedTest
    @EnumSource(NumberedWire.class)
    void withGapsNoneIsWrong(NumberedWire wire) {
        int found = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> seen = new ArrayList<>();
            int rarity = 3 + random.nextInt(40);
            for (Segment segment : withRole(conversation(wire, random).segments(Role.CLIENT))) {
                switch (random.nextInt(rarity)) {
                    case 0 -> {}
                    case 1 ->
                            seen.add(
                                    Conversation.part(
                                            segment,
                                            0,
                                            segment.length(),
                                            random.nextInt(segment.length() + 1)));
                    case 2 -> {
                        int cut = random.nextInt(segment.length());
                        if (cut > 0) {
                            seen.add(Conversation.part(segment, 0, cut, cut));
                        }
                    }
                    default -> seen.add(segment);
                }
            }
            found += checked(wire, seen, seed);
        }
        assertThat(found).isGreaterThan(ROUNDS * REQUESTS / 20);
    }

    /** Segments that come later than they should, or twice. */
    @ParameterizedTest
    @EnumSource(NumberedWire.class)
    void outOfOrderNoneIsWrong(NumberedWire wire) {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> seen = withRole(conversation(wire, random).recut(Role.SERVER, random));
            for (int i = 0; i < seen.size() / 10; i++) {
                int from = random.nextInt(seen.size());
                int to = Math.min(seen.size() - 1, from + random.nextInt(6));
                Segment segment = random.nextInt(3) == 0 ? seen.get(from) : seen.remove(from);
                seen.add(Math.min(to, seen.size()), segment);
            }
            checked(wire, seen, seed);
        }
    }

    /** Counts the calls; each of them has to be a true one. */
    private static int checked(NumberedWire wire, List<Segment> segments, int seed) {
        int found = 0;
        for (Call call : Conversation.calls(segments)) {
            Exchange exchange = call.exchange();
            if (exchange.outcome() == Outcome.BROKEN) {
                continue;
            }
            assertThat(exchange.outcome()).isEqualTo(Outcome.OK);
            int number = wire.number(exchange);
            if (number < 0) {
                // Its name was in what is missing.
                continue;
            }
            assertThat(exchange.responseBytes())
                    .as("answer to request %d, seed %d", number, seed)
                    .isEqualTo(wire.responseBytes(number));
            assertThat(exchange.responseStart()).isGreaterThanOrEqualTo(exchange.requestStart());
            found++;
        }
        return found;
    }

    /** Which end listened is known of connections that were there before. */
    private static List<Segment> withRole(List<Segment> segments) {
        List<Segment> known = new ArrayList<>();
        for (Segment segment : segments) {
            known.add(Conversation.withRole(segment));
        }
        return known;
    }

    private static Conversation lockstep(NumberedWire wire) {
        List<Conversation.Piece> pieces = new ArrayList<>();
        long nanos = opening(wire, pieces, 1_000_000);
        for (int i = 1; i <= REQUESTS; i++) {
            pieces.add(new Conversation.Piece(true, nanos += 1000, wire.request(i)));
            pieces.add(new Conversation.Piece(false, nanos += 1000, wire.response(i)));
        }
        return Conversation.of(pieces);
    }

    private static long opening(NumberedWire wire, List<Conversation.Piece> pieces, long start) {
        long nanos = start;
        byte[][] parts = {wire.greeting(), wire.opening(), wire.welcome()};
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].length > 0) {
                pieces.add(new Conversation.Piece(i == 1, nanos += 1000, parts[i]));
            }
        }
        return nanos;
    }

    /** A client that sends some requests, in one piece or several, and waits for all answers. */
    private static Conversation conversation(NumberedWire wire, Random random) {
        List<Conversation.Piece> pieces = new ArrayList<>();
        long nanos = opening(wire, pieces, 1_000_000);
        int most = 1 + random.nextInt(8);
        int asked = 0;
        int answered = 0;
        while (answered < REQUESTS) {
            int burst = Math.min(REQUESTS - asked, 1 + random.nextInt(most));
            int end = asked + burst;
            while (answered < end) {
                boolean asks = asked < end && (asked == answered || random.nextInt(3) > 0);
                if (asks) {
                    int count = 1 + random.nextInt(end - asked);
                    pieces.add(piece(wire, true, asked, count, nanos += 1000));
                    asked += count;
                } else {
                    int count = 1 + random.nextInt(asked - answered);
                    pieces.add(piece(wire, false, answered, count, nanos += 1000));
                    answered += count;
                }
            }
        }
        return Conversation.of(pieces);
    }

    private static Conversation.Piece piece(
            NumberedWire wire, boolean client, int from, int count, long nanos) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = from + 1; i <= from + count; i++) {
            bytes.writeBytes(client ? wire.request(i) : wire.response(i));
        }
        return new Conversation.Piece(client, nanos, bytes.toByteArray());
    }
}
