package io.flarepath.agent.requests.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.TraceIds;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Transport;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CallLogTest {
    private static final long MICRO = 1000;
    private static final long SECOND = 1_000_000_000;

    private final CallNames names = new CallNames(List.of());
    private long now = SECOND;

    private CallLog log(int perSecond, int oneIn) {
        return new CallLog(perSecond, oneIn, () -> now);
    }

    private NamedCall call(Role role, String path, long micros, String status, Outcome outcome) {
        Exchange exchange = new Exchange(Protocol.HTTP1, 1000, 0).asks("GET", path);
        exchange.responseBegan(1000 + micros * MICRO);
        exchange.responseEnded(1000 + micros * MICRO, 0);
        exchange.answers(status, outcome);
        return names.of(
                new Call(
                        new ConnectionKey(9, Transport.TCP, 1, role, 80, "10.0.0.9", 4000),
                        role,
                        exchange));
    }

    private NamedCall good(long micros) {
        return call(Role.SERVER, "/a", micros, "200", Outcome.OK);
    }

    @Test
    void allThatFailAreKept() {
        CallLog log = log(1000, 0);
        for (int i = 0; i < 100; i++) {
            log.record(good(10));
            log.record(call(Role.SERVER, "/a", 10, "500", Outcome.SERVER_ERROR));
            log.record(call(Role.CLIENT, "/a", 10, "404", Outcome.CLIENT_ERROR));
            log.record(call(Role.CLIENT, "/a", 10, "", Outcome.TIMEOUT));
        }
        assertThat(log.kept(KeptReason.ERROR)).isEqualTo(300);
        assertThat(log.take()).hasSize(300).allMatch(kept -> kept.reason() == KeptReason.ERROR);
        assertThat(log.take()).isEmpty();
    }

    @Test
    void whatTakesLongerThanItsRouteIsKeptOnceThatIsLearned() {
        CallLog log = log(1000, 0);
        Random random = new Random(3);
        log.record(good(900_000));
        for (int i = 0; i < 5000; i++) {
            log.record(good(1000 + random.nextInt(1000)));
        }
        // Of those alike one in a hundred is slower than the others, and no more than the histogram
        // is unsure of.
        assertThat(log.kept(KeptReason.SLOW)).isLessThanOrEqualTo(100);
        log.take();
        for (int i = 0; i < 7; i++) {
            log.record(good(30_000));
            log.record(call(Role.SERVER, "/other", 30_000, "200", Outcome.OK));
        }
        assertThat(log.take())
                .hasSize(7)
                .allMatch(kept -> kept.reason() == KeptReason.SLOW)
                .allMatch(kept -> kept.named().route().equals("/a"));
    }

    @Test
    void aRouteThatHasBecomeSlowIsMeasuredByItselfAgain() {
        CallLog log = log(1_000_000, 0);
        for (int i = 0; i < LearnedLatency.MANY; i++) {
            log.record(good(1000));
        }
        for (int i = 0; i < LearnedLatency.MANY; i++) {
            log.record(good(9000));
        }
        long turning = log.kept(KeptReason.SLOW);
        assertThat(turning).isEqualTo(LearnedLatency.MANY);
        for (int i = 0; i < LearnedLatency.MANY; i++) {
            log.record(good(9000));
        }
        assertThat(log.kept(KeptReason.SLOW)).isEqualTo(turning);
    }

    @Test
    void oneInSoManyOfTheRestIsKept() {
        CallLog log = log(1_000_000, 20);
        int a = 0;
        for (int i = 0; i < 40_000; i++) {
            log.record(call(Role.SERVER, i % 20 == 0 ? "/a" : "/b", 10, "200", Outcome.OK));
            for (KeptCall kept : i % 5000 == 0 ? log.take() : List.<KeptCall>of()) {
                a += kept.named().route().equals("/a") ? 1 : 0;
            }
        }
        assertThat(log.kept(KeptReason.SAMPLED)).isEqualTo(2000);
        // One in twenty of them, though each stood first in its row.
        assertThat(a).isBetween(30, 200);
    }

    @Test
    void ofATraceAllCallsAreKeptOrNoneWhereverTheyAreSeen() {
        CallLog one = log(1_000_000, 10);
        CallLog other = log(1_000_000, 10);
        for (int i = 0; i < 5000; i++) {
            // Numbered, and so no random numbers at all.
            String trace = String.format("%032x", 1_000_000 + i);
            NamedCall client = good(10);
            client.call().exchange().trace(new TraceIds(trace, "", ""));
            one.record(client);
            NamedCall server = good(10);
            server.call().exchange().trace(new TraceIds(trace, "", ""));
            other.record(server);
        }
        List<String> kept = traces(one);
        assertThat(kept).hasSizeBetween(380, 620).isEqualTo(traces(other));
    }

    private static List<String> traces(CallLog log) {
        return log.take().stream().map(k -> k.named().call().exchange().trace().traceId()).toList();
    }

    @Test
    void aSecondHoldsSoManyAndFailedOnesFirst() {
        CallLog log = log(100, 1);
        for (int i = 0; i < 300; i++) {
            log.record(good(10));
        }
        assertThat(log.kept(KeptReason.SAMPLED)).isEqualTo(50);
        assertThat(log.dropped(KeptReason.SAMPLED)).isEqualTo(250);
        for (int i = 0; i < 300; i++) {
            // What a client asked wrongly is no failure of the server.
            log.record(call(Role.SERVER, "/a", 10, "404", Outcome.CLIENT_ERROR));
        }
        assertThat(log.kept(KeptReason.ERROR)).isEqualTo(25);
        for (int i = 0; i < 300; i++) {
            log.record(call(Role.SERVER, "/a", 10, "500", Outcome.SERVER_ERROR));
        }
        assertThat(log.kept(KeptReason.ERROR)).isEqualTo(50);
        assertThat(log.dropped(KeptReason.ERROR)).isEqualTo(550);
        now += SECOND;
        log.record(good(10));
        assertThat(log.kept(KeptReason.SAMPLED)).isEqualTo(51);
        assertThat(log.take()).hasSize(101);
    }

    @Test
    void noMoreWaitThanThereIsRoomFor() {
        CallLog log = log(1000, 0);
        int failed = CallLog.MOST_WAITING + 500;
        for (int i = 0; i < failed; i++) {
            now += SECOND / 500;
            log.record(call(Role.SERVER, "/a", 10, "500", Outcome.SERVER_ERROR));
        }
        assertThat(log.dropped(KeptReason.ERROR)).isEqualTo(500);
        assertThat(log.take()).hasSize(CallLog.MOST_WAITING);
    }

    @Test
    void withoutARateNothingIsKept() {
        CallLog log = log(0, 1);
        log.record(call(Role.SERVER, "/a", 10, "500", Outcome.SERVER_ERROR));
        assertThat(log.take()).isEmpty();
        assertThat(log.dropped(KeptReason.ERROR)).isZero();
    }
}
