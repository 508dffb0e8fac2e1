package io.flarepath.agent.contact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerAnswerTest {
    @Test
    void readsWhatTheServerSaysAndPassesOverTheUnknown() throws Exception {
        ServerAnswer answer =
                parse(
                        """
                        {"new":{"a":[1,{}]},"revision":7,"serverClockMillis":99,
                         "configuration":{"frequency":20,"node":"x","b":true},
                         "recordings":["cpu",{"id":4,"more":[1],"name":"alloc","pid":9,"seconds":5,"kinds":["cpu"]},{}]}
                        """);
        assertThat(answer)
                .isEqualTo(
                        new ServerAnswer(
                                7,
                                99,
                                Map.of("frequency", "20", "node", "x", "b", "true"),
                                List.of(
                                        new RecordingOrder("cpu", 0, 0, List.of()),
                                        new RecordingOrder("alloc", 9, 5, List.of("cpu")),
                                        new RecordingOrder("unnamed", 0, 0, List.of()))));
    }

    @Test
    void whatIsNoAnswerIsRefused() {
        for (String text :
                List.of(
                        "",
                        "[]",
                        "7",
                        "{}",
                        "{\"revision\":-1}",
                        "{\"revision\":1.5}",
                        "{\"revision\":\"1\"}",
                        "{\"revision\":99999999999999999999}",
                        "{\"revision\":1",
                        "{\"revision\":1}{}",
                        "{\"revision\":1,\"configuration\":[]}",
                        "{\"revision\":1,\"configuration\":{\"a\":{}}}",
                        "{\"revision\":1,\"recordings\":{}}",
                        "{\"revision\":1,\"recordings\":[[1]]}",
                        "{\"revision\":1,\"x\":" + "[".repeat(30) + "]".repeat(30) + "}",
                        "{\"revision\":1,\"recordings\":[" + "1,".repeat(2000) + "1]}",
                        "<html>")) {
            assertThatThrownBy(() -> parse(text)).as(text).isInstanceOf(IOException.class);
        }
    }

    private static ServerAnswer parse(String text) throws IOException {
        return ServerAnswer.parse(text.getBytes(UTF_8));
    }
}
