package io.flarepath.agent.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BuilderTest {
    private static final List<String> WRONG = List.of("no such kind");

    @Test
    void whatCannotBeBuiltIsAnsweredByTheSameProcess() throws Exception {
        try (Builder builder = new Builder(0, 32, Duration.ofSeconds(30))) {
            assertThat(builder.build(WRONG).getFirst()).isEqualTo(BuilderMessage.FAILED);
            assertThat(builder.build(WRONG)).noneMatch(text -> text.contains("the builder ended"));
        }
    }

    @Test
    void whoTakesMoreCpuTimeThanItMayIsEnded() throws Exception {
        // The start of the process alone takes more.
        try (Builder builder = new Builder(0, 32, Duration.ofMillis(15))) {
            assertThat(builder.build(WRONG))
                    .containsExactly(
                            BuilderMessage.FAILED, "the builder ended: it took longer than it may");
        }
    }
}
