package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
class SamplerTest {
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);

    @Test
    void twoCanBeOpenAtOnce() {
        try (Sampler one = Sampler.open(SamplerOptions.at(97));
                Sampler two = Sampler.open(SamplerOptions.at(997))) {
            assertThat(one.statistics().cpus()).isPositive();
            assertThat(two.statistics().cpus()).isEqualTo(one.statistics().cpus());
            assertThat(one.statistics().mapBytes()).isBetween(8L << 20, 16L << 20);
        }
    }

    @Test
    void closedOneRefusesInsteadOfCrashing() {
        Sampler sampler = Sampler.open(SamplerOptions.at(97));
        sampler.close();
        assertThatCode(sampler::close).doesNotThrowAnyException();
        assertThatIllegalStateException().isThrownBy(() -> sampler.drain(buffer, 0));
        assertThatIllegalStateException().isThrownBy(sampler::statistics);
        assertThatIllegalStateException().isThrownBy(() -> sampler.exclude(1));
    }

    @Test
    void closeEndsTheWaitOfADrain() throws InterruptedException {
        Sampler sampler = Sampler.open(SamplerOptions.at(97));
        Thread drains =
                new Thread(() -> {
                    try {
                        while (true) {
                            sampler.drain(buffer, 60_000);
                        }
                    } catch (IllegalStateException closed) {
                        assertThat(closed).hasMessageContaining("closed");
                    }
                });
        drains.start();
        while (drains.getState() != Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        sampler.close();
        drains.join(10_000);
        assertThat(drains.isAlive()).isFalse();
    }

    @Test
    void unfitBuffersAreRefused() {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sampler.drain(ByteBuffer.allocate(1 << 20), 0));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sampler.drain(ByteBuffer.allocateDirect(100), 0))
                    .withMessageContaining("65536")
                    .withMessageContaining("100");
        }
    }

    @Test
    void kernelStatisticsCountRunsOfOurPrograms() {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(997).withKernelStatistics(true))) {
            long end = System.nanoTime() + 500_000_000L;
            // Busy, and not waiting: a drain sleeps for a moment when a program has woken it.
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            sampler.drain(buffer, 0);
            SamplerStatistics statistics = sampler.statistics();
            System.out.println(statistics);
            assertThat(statistics.runCount()).isGreaterThan(300);
            assertThat(statistics.runNanos() / statistics.runCount()).isBetween(100L, 200_000L);
        }
    }
}
