package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExpectedProgramsTest {
    private final ExpectedPrograms programs = new ExpectedPrograms();

    @Test
    void aCompilerIsExpectedFromItsSecondStartOn() {
        assertThat(programs.started("/bin/cc1")).isFalse();
        sample("/bin/cc1", 10);
        assertThat(programs.started("/bin/cc1")).isTrue();
        assertThat(programs.started("/bin/other")).isFalse();
    }

    @Test
    void whatIsMostlyOverBeforeItIsSampledIsNot() {
        for (int i = 0; i < 1000; i++) {
            assertThat(programs.started("/bin/true")).as("start %d", i).isFalse();
            sample("/bin/true", i % 10 == 0 ? 1 : 0);
        }
    }

    @Test
    void whatWasSampledLongAgoIsForgotten() {
        programs.started("/bin/job");
        sample("/bin/job", 100_000);
        int expected = 0;
        for (int i = 0; i < 2000; i++) {
            expected += programs.started("/bin/job") ? 1 : 0;
        }
        assertThat(expected).isBetween(100, 1000);
        assertThat(programs.started("/bin/job")).isFalse();

        programs.started("/bin/a");
        sample("/bin/a", 100);
        for (int i = 0; i < 300; i++) {
            programs.started("/bin/" + i);
        }
        assertThat(programs.started("/bin/a")).isFalse();
    }

    private void sample(String path, int count) {
        for (int i = 0; i < count; i++) {
            programs.sampled(path);
        }
    }
}
