package io.flarepath.agent.requests.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class TraceIdsTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @Test
    void traceparentWins() {
        TraceIds ids =
                TraceIds.NONE
                        .with("x-b3-traceid", "463ac35c9f6413ad48485a3953bb6124")
                        .with("traceparent", " 00-" + TRACE + "-" + SPAN + "-01")
                        .with("b3", "463ac35c9f6413ad-a2fb4a1d1a96d312-1");
        assertThat(ids).isEqualTo(new TraceIds(TRACE, SPAN, ""));
    }

    @Test
    void whatIsNoIdIsNotTaken() {
        assertThat(TraceIds.NONE.with("traceparent", "00-" + "0".repeat(32) + "-" + SPAN + "-01"))
                .isEqualTo(TraceIds.NONE);
        assertThat(TraceIds.NONE.with("b3", "1")).isEqualTo(TraceIds.NONE);
        assertThat(TraceIds.NONE.with("x-b3-traceid", "zz" + TRACE.substring(2)))
                .isEqualTo(TraceIds.NONE);
        assertThat(TraceIds.NONE.with("x-request-id", "a secret; with signs"))
                .isEqualTo(TraceIds.NONE);
        assertThat(TraceIds.NONE.with("sw8", "1-%%%-a-b")).isEqualTo(TraceIds.NONE);
    }

    @Test
    void otherSystems() {
        String id = Base64.getEncoder().encodeToString("a.1.2".getBytes(StandardCharsets.UTF_8));
        assertThat(TraceIds.NONE.with("sw8", "1-" + id + "-x-3-y").traceId()).isEqualTo("a.1.2");
        assertThat(TraceIds.NONE.with("b3", TRACE + "-" + SPAN + "-1").spanId()).isEqualTo(SPAN);
        assertThat(TraceIds.NONE.with("x-request-id", "req-1").requestId()).isEqualTo("req-1");
        assertThat(TraceIds.isWanted("authorization")).isFalse();
    }
}
