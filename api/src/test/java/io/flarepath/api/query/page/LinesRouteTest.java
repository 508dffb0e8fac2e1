package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinesRouteTest {
    private static final long START = 1_700_000_000_000L;
    private static final String RANGE = "?from=" + START + "&until=" + (START + 600_000);

    @TempDir private Path directory;
    private ServedStore server;
    private final Profile.Builder profile =
            Profile.builder(Stacks.labels("service_name", "shop"), ProfileType.CPU)
                    .id("one")
                    .time(START * 1_000_000, 10_000_000_000L)
                    .period(Stacks.PERIOD);

    @BeforeEach
    void start() {
        server = new ServedStore(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Frame work(int line) {
        return new Frame("work", "a/Work.java", line, "", "", 0, FrameKind.JVM, false);
    }

    private void stack(long value, Frame... leafFirst) {
        int[] frames =
                IntStream.range(0, leafFirst.length)
                        .map(i -> profile.frame(leafFirst[i]))
                        .toArray();
        profile.stack(frames, frames.length, value);
    }

    private List<String> lines(String function) {
        JsonNode answer = server.get("/api/v1/lines" + RANGE + "&function=" + function).json();
        List<String> lines = new ArrayList<>();
        for (JsonNode line : answer.get("lines")) {
            lines.add(
                    "%s%s:%d self %d total %d"
                            .formatted(
                                    line.get("approximate").booleanValue() ? "~" : "",
                                    line.get("file").textValue(),
                                    line.get("line").intValue(),
                                    line.get("self").longValue(),
                                    line.get("total").longValue()));
        }
        return lines;
    }

    @Test
    void linesOfAFunctionAreSummedOverItsCallersAndNearOnesApart() {
        stack(30, work(11), Frame.named("a"));
        stack(20, work(11), Frame.named("b"));
        stack(7, work(11).withApproximateLine(true), Frame.named("a"));
        stack(5, Frame.named("leaf"), work(12), Frame.named("a"));
        stack(900, Frame.named("elsewhere"));
        server.write(profile.build());
        assertThat(lines("work"))
                .containsExactly(
                        "a/Work.java:11 self 50 total 50",
                        "~a/Work.java:11 self 7 total 7",
                        "a/Work.java:12 self 0 total 5");
        assertThat(lines("not-there")).isEmpty();
    }

    @Test
    void aStackCountsOnceForALineThatCallsItself() {
        stack(10, work(12), work(11), work(11), work(11));
        server.write(profile.build());
        assertThat(lines("work"))
                .containsExactly(
                        "a/Work.java:11 self 0 total 10", "a/Work.java:12 self 10 total 10");
    }

    @Test
    void theFunctionMustBeNamed() {
        assertThat(server.get("/api/v1/lines" + RANGE).status()).isEqualTo(400);
    }
}
