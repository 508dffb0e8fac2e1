package io.flarepath.agent.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LevelRuleTest {
    private final LevelRule rule = new LevelRule(0.05);

    @Test
    void aShortPeakChangesNothing() {
        rule.next(0.5, 0);
        rule.next(0.01, 0);
        assertThat(rule.next(0.5, 0)).isEqualTo(CaptureLevel.FULL);
    }

    @Test
    void aLoadAboveTheBudgetLeadsDownStepByStepToNothing() {
        for (CaptureLevel level : CaptureLevel.values()) {
            assertThat(rule.level()).isEqualTo(level);
            rule.next(0.06, 0);
            rule.next(0.06, 0);
        }
        assertThat(rule.level()).isEqualTo(CaptureLevel.L4);
    }

    @Test
    void whatHasNoRoomInTheRingIsTooMuchToo() {
        rule.next(0.001, 0.02);
        assertThat(rule.next(0.001, 0.02)).isEqualTo(CaptureLevel.SHORT);
    }

    @Test
    void betweenHalfOfTheBudgetAndAllOfItTheLevelStays() {
        down(2);
        for (int i = 0; i < 1_000; i++) {
            assertThat(rule.next(0.04, 0)).isEqualTo(CaptureLevel.SAMPLED);
        }
    }

    @Test
    void itComesBackWhenLittleIsTakenForAWhile() {
        down(2);
        assertThat(quietUntilMore()).isEqualTo(10);
        assertThat(rule.level()).isEqualTo(CaptureLevel.SHORT);
        assertThat(quietUntilMore()).isEqualTo(10);
        assertThat(rule.level()).isEqualTo(CaptureLevel.FULL);
    }

    @Test
    void whoComesDownAgainAtOnceWaitsTwiceAsLongEachTime() {
        down(1);
        int expected = 10;
        for (int i = 0; i < 8; i++) {
            assertThat(quietUntilMore()).isEqualTo(Math.min(expected, 320));
            down(1);
            expected *= 2;
        }
    }

    private void down(int steps) {
        for (int i = 0; i < 2 * steps; i++) {
            rule.next(0.2, 0);
        }
    }

    /** Seconds until the level is one higher. */
    private int quietUntilMore() {
        CaptureLevel before = rule.level();
        int seconds = 0;
        while (rule.level() == before) {
            rule.next(0.001, 0);
            seconds++;
        }
        return seconds;
    }
}
