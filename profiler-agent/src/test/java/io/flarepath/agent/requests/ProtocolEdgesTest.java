package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What servers and clients may do beside the usual; texts with {@code >} are the client's. */
class ProtocolEdgesTest {

    /** A session begins; its query, of which a row is an answer. */
    private static final String POSTGRES_LOGIN = ">\0\0\0\20\0\3\0\0user\0m\0\0";

    private static final String POSTGRES_READY = "<R\0\0\0\10\0\0\0\0Z\0\0\0\5I";
    private static final String POSTGRES_QUERY = ">Q\0\0\0\u0017SELECT a FROM t WH\0";
    private static final String POSTGRES_ROW = "D\0\0\0\u0010\0\1\0\0\0\6abcdef";

    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    private static List<Call> calls(String... texts) {
        return Conversation.calls(Conversation.of(texts).segments(Role.SERVER));
    }

    private static Exchange only(String... texts) {
        List<Call> calls = calls(texts);
        assertThat(calls).hasSize(1);
        return calls.getFirst().exchange();
    }

    @Test
    void interimAnswersAreNotTheAnswer() {
        Exchange exchange =
                only(
                        ">POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
                        "<HTTP/1.1 100 Continue\r\n\r\n",
                        ">ok",
                        "<HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                        "<HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
        assertThat(exchange.status()).isEqualTo("201");
        assertThat(exchange.requestBytes()).isEqualTo(2);
    }

    @Test
    void answerWithoutLengthEndsWithTheConnection() {
        Exchange exchange =
                only(">GET / HTTP/1.0\r\n\r\n", "<HTTP/1.0 200 OK\r\n\r\nsome", "<more text");
        assertThat(exchange.outcome()).isEqualTo(Outcome.OK);
        assertThat(exchange.responseEnd()).isGreaterThan(exchange.responseStart());
    }

    @Test
    void requestWithoutAnswerIsBroken() {
        Exchange exchange = only(">GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(exchange.outcome()).isEqualTo(Outcome.BROKEN);
    }

    @Test
    void aClientThatAllowsToWaitSaysNothingOfTheServersSpeed() {
        String answer = "<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        for (String waits : List.of("wait=20", "respond-async, Wait=5")) {
            assertThat(only(">GET /news HTTP/1.1\r\nPrefer: " + waits + "\r\n\r\n", answer).kind())
                    .isEqualTo(CallKind.LONG_POLL);
        }
        for (String not : List.of("wait=0", "return=minimal", "handling=wait")) {
            assertThat(only(">GET /news HTTP/1.1\r\nPrefer: " + not + "\r\n\r\n", answer).kind())
                    .isEqualTo(CallKind.UNARY);
        }
    }

    @Test
    void webSocketIsAStreamAndThenLeftAlone() {
        List<Call> calls =
                calls(
                        ">GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
                        "<HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
                        ">GET /evil HTTP/1.1\r\n\r\n",
                        "<HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().exchange().kind()).isEqualTo(CallKind.STREAM);
    }

    @Test
    void upgradeToHttp2IsAnsweredThere() {
        String headers = "\0\0\1\1\4\0\0\0\1\u0088";
        String data = "\0\0\2\0\1\0\0\0\1hi";
        Exchange exchange =
                only(
                        ">GET /up HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
                        "<HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"
                                + "\0\0\0\4\0\0\0\0\0",
                        ">PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
                        "<" + headers + data);
        assertThat(
                        Conversation.line(
                                new Call(
                                        Conversation.of(">x")
                                                .segments(Role.SERVER)
                                                .getFirst()
                                                .connection(),
                                        Role.SERVER,
                                        exchange)))
                .isEqualTo("HTTP2 UNARY GET /up -> 200 OK 0/2");
    }

    @Test
    void eventStreamsAreKeptOutOfLatency() {
        Exchange exchange =
                only(
                        ">GET /events HTTP/1.1\r\n\r\n",
                        "<HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                + CHUNKED
                                + "4\r\nabcd\r\n",
                        "<0\r\nX-Trailer: 1\r\n\r\n");
        assertThat(exchange.kind()).isEqualTo(CallKind.STREAM);
        assertThat(exchange.responseBytes()).isEqualTo(4);
    }

    @Test
    void bodiesAreNeverReadAsRequests() {
        String inner = "GET /evil HTTP/1.1\r\nHost: b\r\n\r\n";
        List<Call> calls =
                calls(
                        ">POST /a HTTP/1.1\r\nContent-Length: " + inner.length() + "\r\n\r\n",
                        ">" + inner,
                        "<HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        assertThat(Conversation.lines(calls))
                .containsExactly("HTTP1 UNARY POST /a -> 200 OK " + inner.length() + "/0");
    }

    @Test
    void bodiesThatAreNotCapturedArePassedOver() {
        Conversation conversation =
                Conversation.of(
                        ">POST /a HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + "y".repeat(100),
                        ">" + "z".repeat(999_900),
                        "<HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + "y".repeat(500_000),
                        ">GET /b HTTP/1.1\r\n\r\n",
                        "<HTTP/1.1 204 No Content\r\n\r\n");
        List<Segment> cut = new ArrayList<>();
        for (Segment segment : conversation.segments(Role.SERVER)) {
            cut.add(Conversation.part(segment, 0, segment.length(), 256));
        }
        assertThat(Conversation.lines(Conversation.calls(cut)))
                .containsExactly(
                        "HTTP1 UNARY POST /a -> 200 OK 1000000/500000",
                        "HTTP1 UNARY GET /b -> 204 OK 0/0");
    }

    @Test
    void headsThatAreNotCapturedWholeAreStillAnswered() {
        List<Segment> cut = new ArrayList<>();
        String cookie = "Cookie: " + "c".repeat(3000) + "\r\n\r\n";
        Conversation conversation =
                Conversation.of(
                        ">GET /a HTTP/1.1\r\nHost: h\r\n" + cookie,
                        "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
                        ">GET /b HTTP/1.1\r\nHost: h\r\n" + cookie,
                        "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb",
                        ">GET /c HTTP/1.1\r\nHost: h\r\n" + cookie,
                        "<HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc");
        for (Segment segment : conversation.segments(Role.SERVER)) {
            cut.add(Conversation.part(segment, 0, segment.length(), 1024));
        }
        assertThat(Conversation.lines(Conversation.calls(cut)))
                .containsExactly(
                        "HTTP1 UNARY GET /a -> 200 OK 0/1",
                        "HTTP1 UNARY GET /b -> 200 OK 0/1",
                        "HTTP1 UNARY GET /c -> 200 OK 0/1");
    }

    /** Where chunks and rows begin is then missing too; the client goes on when it has them all. */
    @Test
    void answersWhoseEndIsNotCapturedEndWhenTheClientGoesOn() {
        String chunk = "1000\r\n" + "c".repeat(4096) + "\r\n";
        String chunked = "<HTTP/1.1 200 OK\r\n" + CHUNKED + chunk + chunk + "0\r\n\r\n";
        String failed = "<HTTP/1.1 503 No\r\n" + CHUNKED + chunk + chunk + "0\r\n\r\n";
        List<Call> calls =
                beginnings(
                        Conversation.of(
                                ">GET /a HTTP/1.1\r\n\r\n",
                                chunked,
                                ">POST /b HTTP/1.1\r\n" + CHUNKED + chunk + chunk + "0\r\n\r\n",
                                failed,
                                ">GET /c HTTP/1.1\r\n\r\n",
                                "<HTTP/1.1 204 No Content\r\n\r\n"));
        assertThat(Conversation.lines(calls))
                .containsExactly(
                        "HTTP1 UNARY GET /a -> 200 OK 0/8205",
                        "HTTP1 UNARY POST /b -> 503 SERVER_ERROR 8205/8205",
                        "HTTP1 UNARY GET /c -> 204 OK 0/0");
        assertThat(calls.getFirst().exchange().responseEnd()).isEqualTo(3000);
    }

    @Test
    void rowsOfPostgresThatAreNotCapturedArePassedOver() {
        String rows = "<" + POSTGRES_ROW.repeat(500) + "C\0\0\0\u000fSELECT 500\0Z\0\0\0\5I";
        List<Call> calls =
                beginnings(
                        Conversation.of(
                                POSTGRES_LOGIN,
                                POSTGRES_READY,
                                POSTGRES_QUERY,
                                rows,
                                POSTGRES_QUERY.substring(0, 5),
                                ">" + POSTGRES_QUERY.substring(5),
                                rows,
                                POSTGRES_QUERY,
                                "<E\0\0\0\14C42P01\0\0Z\0\0\0\5I"));
        assertThat(calls).hasSize(3);
        assertThat(calls.getLast().exchange().status()).isEqualTo("42P01");
        assertThat(calls.get(1).exchange().responseEnd()).isEqualTo(8000);
    }

    /** Of what is not captured whole the last bytes are: they tell how it ended. */
    @Test
    void answersOfPostgresThatFailAtTheirEndHaveFailed() {
        String error = "E\0\0\0)SERROR\0VERROR\0C22012\0Mdivision by 0\0\0";
        List<Call> calls =
                beginningsAndEnds(
                        Conversation.of(
                                POSTGRES_LOGIN,
                                POSTGRES_READY,
                                POSTGRES_QUERY,
                                "<" + POSTGRES_ROW.repeat(500) + error + "Z\0\0\0\5I",
                                POSTGRES_QUERY,
                                "<" + POSTGRES_ROW.repeat(300),
                                "<" + POSTGRES_ROW.repeat(300) + error.substring(0, 20),
                                "<" + error.substring(20) + "Z\0\0\0\5I",
                                POSTGRES_QUERY,
                                "<"
                                        + POSTGRES_ROW.repeat(500)
                                        + "C\0\0\0\u000fSELECT 500\0Z\0\0\0\5I"));
        assertThat(calls.stream().map(call -> call.exchange().status()))
                .containsExactly("22012", "22012", "");
        assertThat(calls.get(2).exchange().outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void answersOfMySqlThatFailAtTheirEndHaveFailed() {
        String query = ">\10\0\0\0\3SELECT ";
        String columns = "\1\0\0\1\1\2\0\0\2de";
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 600; i++) {
            rows.append("\7\0\0").append((char) (3 + i & 0xFF)).append("\6abcdef");
        }
        String number = Character.toString((char) (3 + 600 & 0xFF));
        String error = "\20\0\0" + number + "\u00ff\u00da\4#21000a row too many".substring(0, 16);
        String ok = "\7\0\0" + number + "\u00fe\0\0\2\0\0\0";
        List<Call> calls =
                beginningsAndEnds(
                        Conversation.of(
                                "<\20\0\0\0\n8.0.36\0\1\0\0\0abcd",
                                ">\5\0\0\1\1\2\0\0a",
                                "<\7\0\0\2\0\0\0\2\0\0\0",
                                query,
                                "<" + columns + rows + error,
                                query,
                                "<" + columns + rows + ok,
                                query,
                                "<" + columns + rows + error.substring(0, 10),
                                "<" + error.substring(10)));
        assertThat(calls.stream().map(call -> call.exchange().status()))
                .containsExactly("1242", "", "1242");
        assertThat(calls.get(1).exchange().outcome()).isEqualTo(Outcome.OK);
    }

    private static List<Call> beginningsAndEnds(Conversation conversation) {
        List<Segment> cut = new ArrayList<>();
        for (Segment segment : conversation.segments(Role.SERVER)) {
            int end = Math.max(segment.length() - 512, segment.length() / 2);
            cut.add(Conversation.part(segment, 0, end, 1024));
            cut.add(Conversation.part(segment, end, segment.length() - end, 512));
        }
        return Conversation.calls(cut);
    }

    /** One that goes on asking before it has its answer might mean another one's end. */
    @Test
    void ofPipelinedAnswersNoneIsTakenToEndUnseen() {
        String chunk = "1000\r\n" + "c".repeat(4096) + "\r\n0\r\n\r\n";
        List<Call> calls =
                beginnings(
                        Conversation.of(
                                ">GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
                                "<HTTP/1.1 200 OK\r\n" + CHUNKED + chunk,
                                ">GET /c HTTP/1.1\r\n\r\n"));
        assertThat(calls).allMatch(call -> call.exchange().outcome() == Outcome.BROKEN);
    }

    private static List<Call> beginnings(Conversation conversation) {
        List<Segment> cut = new ArrayList<>();
        for (Segment segment : conversation.segments(Role.SERVER)) {
            cut.add(Conversation.part(segment, 0, segment.length(), 1024));
        }
        return Conversation.calls(cut);
    }

    @Test
    void attributesAndPushesOfRespAreNoAnswers() {
        List<Call> calls =
                calls(
                        ">*1\r\n$4\r\nPING\r\n",
                        "<>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n",
                        "<|1\r\n+ttl\r\n:3600\r\n+PONG\r\n",
                        ">*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
                        "<!9\r\nOOM error\r\n");
        assertThat(Conversation.lines(calls))
                .containsExactly(
                        "REDIS UNARY PING -> OK 14/24",
                        "REDIS UNARY GET -> OOM SERVER_ERROR 20/15");
    }

    @Test
    void tlsIsCountedAndLeftAlone() {
        List<RequestCounters> counters = new ArrayList<>();
        List<Call> calls =
                Conversation.calls(
                        Conversation.of(">\u0016\u0003\u0001\u0002\0\u0001", "<\u0016\u0003\u0003")
                                .segments(Role.SERVER),
                        counters);
        assertThat(calls).isEmpty();
        assertThat(counters.getFirst().encryptedConnections).isEqualTo(1);
    }

    @Test
    void postgresThatEncryptsIsLeftAlone() {
        List<RequestCounters> counters = new ArrayList<>();
        Conversation.calls(
                Conversation.of(">\0\0\0\10\4\322\26/", "<S", ">\u0016\u0003\u0001")
                        .segments(Role.SERVER),
                counters);
        assertThat(counters.getFirst().opaqueConnections).isEqualTo(1);
    }

    @Test
    void afterAnErrorTheRestOfAPipelineIsNotRun() {
        String bind = "B\0\0\0\14\0\0\0\0\0\0\0\0";
        String execute = "E\0\0\0\11\0\0\0\0\0";
        String sync = "S\0\0\0\4";
        List<Call> calls =
                calls(
                        POSTGRES_LOGIN,
                        POSTGRES_READY,
                        ">P\0\0\0\16\0SELECT\0\0\0" + bind + execute + bind + execute + sync,
                        "<1\0\0\0\0042\0\0\0\4E\0\0\0\14C42P01\0\0Z\0\0\0\5I",
                        ">" + bind + execute + sync,
                        "<2\0\0\0\4C\0\0\0\6X\0Z\0\0\0\5I");
        assertThat(calls).hasSize(2);
        assertThat(calls.getFirst().exchange().status()).isEqualTo("42P01");
        assertThat(calls.getLast().exchange().outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void answersToOpenLookupsOnlyCountForTheirQuestion() {
        String query = "\0\35\0\7\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1".substring(2);
        assertThat(query).isNotEmpty();
        String ask = "\0" + (char) query.length() + query;
        String other =
                ask.replace("\1a\4test", "\1b\4test").replace("\1\0\0\1", "\u0081\u0080\0\1");
        String right = ask.replace("\1\0\0\1", "\u0081\u0080\0\1");
        List<Segment> segments = new ArrayList<>();
        for (Segment segment :
                Conversation.of(">" + ask, "<" + other, "<" + right).segments(Role.CLIENT)) {
            segments.add(Conversation.onPort(segment, 53));
        }
        List<RequestCounters> counters = new ArrayList<>();
        List<Call> calls = Conversation.calls(segments, counters);
        assertThat(calls).hasSize(1);
        assertThat(counters.getFirst().matches.unpairedResponses).isEqualTo(1);
    }
}
