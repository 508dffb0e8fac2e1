package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bytes of real servers and clients: the calls in them, however they are cut; and of what is seen
 * of them only in part, no call that was not.
 */
class RecordedTrafficTest {
    private static final int ROUNDS = 20;

    @Test
    void thereAreRecordingsOfEachProtocol() throws Exception {
        List<String> names = recordings().toList();
        assertThat(names).hasSizeGreaterThan(15);
        for (String start :
                List.of(
                        "nginx",
                        "nginx-http2",
                        "grpc",
                        "postgres",
                        "mariadb",
                        "redis",
                        "kafka",
                        "dns")) {
            assertThat(names).anyMatch(name -> name.startsWith(start));
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void callsAreThoseThatWereMade(String name) throws IOException {
        Conversation conversation = Conversation.recorded(name);
        List<String> expected = Files.readAllLines(folder().resolve(name + ".calls"));
        assertThat(expected).isNotEmpty();
        List<RequestCounters> counters = new ArrayList<>();
        List<Call> calls = Conversation.calls(conversation.segments(Role.SERVER), counters);
        assertThat(Conversation.lines(calls)).isEqualTo(expected);
        assertThat(calls).allMatch(call -> call.role() == Role.SERVER);
        assertThat(counters.getFirst().streams.lostByContent).isZero();
        assertThat(counters.getFirst().matches.unpairedRequests).isZero();

        List<Call> ofClient = Conversation.calls(conversation.segments(Role.CLIENT));
        assertThat(Conversation.lines(ofClient)).isEqualTo(expected);
        assertThat(ofClient).allMatch(call -> call.role() == Role.CLIENT);
    }

    @ParameterizedTest
    @MethodSource("streams")
    void itDoesNotMatterHowBytesAreCut(String name) {
        Conversation conversation = Conversation.recorded(name);
        List<String> whole = timed(Conversation.calls(conversation.segments(Role.SERVER)));
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> cut = conversation.recut(Role.SERVER, random);
            assertThat(timed(Conversation.calls(cut))).as("seed %d", seed).isEqualTo(whole);
        }
        List<Segment> bytes = new ArrayList<>();
        for (Segment segment : conversation.segments(Role.SERVER)) {
            for (int i = 0; i < segment.length(); i++) {
                bytes.add(Conversation.part(segment, i, 1, 1));
            }
        }
        assertThat(timed(Conversation.calls(bytes))).isEqualTo(whole);
    }

    /** Within one direction; the other one is far enough away. */
    @ParameterizedTest
    @MethodSource("streams")
    void orderAndRepetitionDoNotMatter(String name) {
        Conversation conversation = Conversation.recorded(name);
        List<String> whole = timed(Conversation.calls(conversation.segments(Role.SERVER)));
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> cut = conversation.recut(Role.SERVER, random);
            List<Segment> mixed = new ArrayList<>(cut.subList(0, 1));
            for (int i = 1; i < cut.size(); i++) {
                Segment segment = cut.get(i);
                Segment before = mixed.getLast();
                boolean sameTime =
                        before.direction() == segment.direction()
                                && before.nanos() == segment.nanos();
                boolean swaps = sameTime && mixed.size() > 1 && random.nextInt(3) == 0;
                mixed.add(swaps ? mixed.size() - 1 : mixed.size(), segment);
                if (random.nextInt(4) == 0) {
                    mixed.add(mixed.get(random.nextInt(mixed.size())));
                }
            }
            assertThat(timed(Conversation.calls(mixed))).as("seed %d", seed).isEqualTo(whole);
        }
    }

    /** Nobody tells who opened it, and what the tables of its fields held is not known. */
    @ParameterizedTest
    @EnumSource
    void aConnectionOfHttp2IsReadFromAnyPieceOn(Role role) {
        List<Segment> segments = Conversation.recorded("grpc-go").segments(role);
        List<Call> all = Conversation.calls(segments);
        int compared = 0;
        int found = 0;
        for (int from = 1; from < segments.size(); from++) {
            long since = segments.get(from).nanos();
            int later =
                    (int) all.stream().filter(c -> c.exchange().requestStart() >= since).count();
            List<Call> seen = Conversation.calls(segments.subList(from, segments.size()));
            // Two may be open when the answers begin to be read: nobody knows what was missed.
            assertThat(seen)
                    .as("from %d: %s", from, Conversation.lines(seen))
                    .hasSizeGreaterThanOrEqualTo(later - 2);
            assertThat(seen).allMatch(call -> call.role() == role);
            compared += later;
            found += Math.min(later, seen.size());
        }
        assertThat(found).isGreaterThan(compared * 3 / 4).isGreaterThan(20);
    }

    /** MariaDB's server and Kafka's brokers and clients read the length of a message first. */
    @ParameterizedTest
    @ValueSource(strings = {"mariadb-simple", "mariadb-prepared", "kafka-producer"})
    void fromTheMiddleAMessageIsFoundWhoseLengthIsReadByItself(String name) {
        Conversation conversation = Conversation.recorded(name);
        for (Role role : Role.values()) {
            List<Segment> whole = conversation.segments(role);
            List<Segment> late = whole.subList(whole.size() / 3, whole.size());
            List<Segment> split = new ArrayList<>();
            for (Segment segment : late) {
                int lead = Math.min(4, segment.length());
                split.add(Conversation.part(segment, 0, lead, lead));
                if (segment.length() > lead) {
                    int rest = segment.length() - lead;
                    split.add(Conversation.part(segment, lead, rest, rest));
                }
            }
            List<String> expected = Conversation.lines(Conversation.calls(late));
            assertThat(expected).isNotEmpty();
            assertThat(Conversation.lines(Conversation.calls(split))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void fromTheMiddleNothingIsInvented(String name) {
        Conversation conversation = Conversation.recorded(name);
        List<Segment> segments = conversation.segments(Role.SERVER);
        Set<String> real = pairs(Conversation.calls(segments));
        for (int from = 1; from < segments.size(); from++) {
            List<Segment> rest = segments.subList(from, segments.size());
            assertThat(invented(real, rest)).as("from %d", from).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void ofPartsNothingIsInvented(String name) {
        Conversation conversation = Conversation.recorded(name);
        List<Segment> segments = conversation.segments(Role.SERVER);
        Set<String> real = pairs(Conversation.calls(segments));
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            List<Segment> seen = new ArrayList<>();
            for (Segment segment : segments) {
                int kind = random.nextInt(8);
                if (kind == 0) {
                    int captured = random.nextInt(segment.length() + 1);
                    seen.add(Conversation.part(segment, 0, segment.length(), captured));
                } else if (kind != 1) {
                    seen.add(segment);
                }
            }
            assertThat(invented(real, seen)).as("seed %d", seed).isEmpty();
        }
    }

    /** What the kernel copies of each segment is bounded; the calls are still seen. */
    @ParameterizedTest
    @MethodSource("recordings")
    void theBeginningsOfSegmentsAreEnough(String name) {
        Conversation conversation = Conversation.recorded(name);
        List<Segment> segments = conversation.segments(Role.SERVER);
        List<Segment> cut = new ArrayList<>();
        for (Segment segment : segments) {
            cut.add(Conversation.part(segment, 0, segment.length(), 1024));
        }
        Set<String> real = pairs(Conversation.calls(segments));
        assertThat(invented(real, cut)).isEmpty();
    }

    private static List<String> timed(List<Call> calls) {
        return calls.stream()
                .map(call ->
                        Conversation.line(call)
                                + " "
                                + times(call.exchange())
                                + " "
                                + call.exchange().detail()
                                + call.exchange().trace())
                .toList();
    }

    private static String times(Exchange exchange) {
        return exchange.requestStart()
                + " "
                + exchange.requestEnd()
                + " "
                + exchange.responseStart()
                + " "
                + exchange.responseEnd();
    }

    private static Set<String> invented(Set<String> real, List<Segment> segments) {
        Set<String> pairs = pairs(Conversation.calls(segments));
        pairs.removeAll(real);
        return pairs;
    }

    /** Which request was taken to have which answer, by when they were seen. */
    private static Set<String> pairs(List<Call> calls) {
        Set<String> pairs = new HashSet<>();
        for (Call call : calls) {
            Exchange exchange = call.exchange();
            if (exchange.outcome() != Outcome.BROKEN) {
                pairs.add(
                        exchange.requestStart()
                                + " "
                                + exchange.responseStart()
                                + " "
                                + exchange.responseEnd());
            }
        }
        return pairs;
    }

    static Stream<String> recordings() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".txt"))
                    .map(name -> name.substring(0, name.length() - 4))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    static Stream<String> streams() throws IOException {
        return recordings()
                .filter(name ->
                        Conversation.recorded(name)
                                        .segments(Role.SERVER)
                                        .getFirst()
                                        .connection()
                                        .transport()
                                == Transport.TCP);
    }

    private static Path folder() {
        URL folder = RecordedTrafficTest.class.getResource("corpus/dnsudp.txt");
        if (folder == null) {
            throw new IllegalStateException("no recordings");
        }
        try {
            return Path.of(folder.toURI()).resolveSibling("");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
