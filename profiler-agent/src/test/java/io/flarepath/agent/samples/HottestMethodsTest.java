package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.samples.HottestMethods.Side;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HottestMethodsTest {
    private static final int SAMPLES = 10_000;

    /** Methods a0, a1, …: the first has most samples. */
    private static Map<String, Long> falling(String name, int methods) {
        Map<String, Long> samples = new HashMap<>();
        IntStream.range(0, methods).forEach(i -> samples.put(name + i, 500L - 20L * i));
        return samples;
    }

    private static HottestMethods compared(Map<String, Long> ours, Map<String, Long> theirs) {
        return new HottestMethods(20, new Side(ours, SAMPLES), new Side(theirs, SAMPLES));
    }

    @Test
    void oneProfileAgreesWithItself() {
        HottestMethods same = compared(falling("a", 24), falling("a", 24));
        assertThat(same.overlap()).isEqualTo(1);
        assertThat(same.strictOverlap()).isEqualTo(1);
        assertThat(same.agreeing()).isEqualTo(1);
        assertThat(same.all()).hasSize(20);
    }

    @Test
    void aMethodThatTheOtherDoesNotHaveIsMissed() {
        Map<String, Long> theirs = falling("a", 24);
        theirs.remove("a0");
        theirs.remove("a1");
        HottestMethods other = compared(falling("a", 24), theirs);
        assertThat(other.overlap()).isEqualTo(0.9, within(1e-9));
        assertThat(other.agreeing()).isLessThan(0.95);
    }

    /** Which of two methods with nearly equal shares is the 20th is chance. */
    @Test
    void whatIsNearlyAsHotAsTheLastIsFound() {
        Map<String, Long> ours = falling("a", 19);
        Map<String, Long> theirs = falling("a", 19);
        ours.put("b", 100L);
        ours.put("c", 95L);
        theirs.put("b", 95L);
        theirs.put("c", 100L);
        assertThat(compared(ours, theirs).strictOverlap()).isEqualTo(0.95, within(1e-9));
        assertThat(compared(ours, theirs).overlap()).isEqualTo(1);
    }

    /** With few samples the error of chance is larger than the shares themselves. */
    @Test
    void fewSamplesDoNotMakeAllEqual() {
        Map<String, Long> ours = new HashMap<>();
        Map<String, Long> theirs = new HashMap<>();
        IntStream.range(0, 20).forEach(i -> ours.put("a" + i, 3L));
        IntStream.range(0, 20).forEach(i -> theirs.put("b" + i, 3L));
        HottestMethods none =
                new HottestMethods(20, new Side(ours, SAMPLES), new Side(theirs, SAMPLES));
        assertThat(none.overlap()).isZero();
    }

    @Test
    void sharesMayDifferByThreeDeviations() {
        HottestMethods near = compared(Map.of("a", 1_000L), Map.of("a", 1_100L));
        HottestMethods far = compared(Map.of("a", 1_000L), Map.of("a", 1_200L));
        assertThat(near.deviations("a")).isBetween(-3.0, -2.0);
        assertThat(near.agreeing()).isEqualTo(1);
        assertThat(far.agreeing()).isZero();
    }
}
