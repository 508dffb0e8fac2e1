package io.flarepath.agent.requests.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrderedMatchTest {
    private final List<String> ended = new ArrayList<>();
    private final MatchCounters counters = new MatchCounters();
    private final OrderedMatch match =
            new OrderedMatch(exchange -> ended.add(exchange.operation()), counters, false);
    private long nanos = 1;

    private void ask(String name) {
        match.request(new Exchange(Protocol.REDIS, ++nanos, 0).asks(name, ""));
    }

    private void answer() {
        match.responseBegan(++nanos);
        match.responseEnded(++nanos, 0);
    }

    @Test
    void pairsOfATrialAreKeptBackUntilItWentWell() {
        for (String name : List.of("a", "b", "c")) {
            ask(name);
            answer();
            assertThat(ended).isEmpty();
        }
        ask("d");
        assertThat(ended).containsExactly("a", "b", "c");
        answer();
        assertThat(ended).containsExactly("a", "b", "c", "d");
        assertThat(match.size()).isZero();
    }

    @Test
    void anAnswerTooManyEndsATrial() {
        ask("a");
        answer();
        answer();
        ask("b");
        answer();
        match.closed(++nanos);
        assertThat(ended).containsExactly("b");
        assertThat(counters.doubtful).isEqualTo(1);
        assertThat(counters.unpairedResponses).isEqualTo(1);
    }

    @Test
    void aRequestThatComesAfterItsTimeIsNotPaired() {
        answer();
        long late = nanos - 1;
        match.request(new Exchange(Protocol.REDIS, late, 0).asks("late", ""));
        answer();
        match.closed(++nanos);
        assertThat(ended).isEmpty();
    }

    @Test
    void whatWasKnownBeforeAGapIsAnsweredFirst() {
        for (String name : List.of("a", "b", "c", "d")) {
            ask(name);
            answer();
        }
        ask("e");
        match.requestsLost();
        ask("f");
        answer();
        assertThat(ended).endsWith("e");
        answer();
        match.closed(++nanos);
        assertThat(ended).endsWith("e");
    }

    @Test
    void openRequestsAreBounded() {
        ask("a");
        for (int i = 0; i < 3 * OrderedMatch.MOST_OPEN; i++) {
            ask("b");
        }
        assertThat(match.size()).isLessThanOrEqualTo(OrderedMatch.MOST_OPEN);
        assertThat(counters.tooMany + counters.unpairedRequests).isPositive();
    }
}
