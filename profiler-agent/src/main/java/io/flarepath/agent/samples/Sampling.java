package io.flarepath.agent.samples;

import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.unwind.Unwinding;
import io.flarepath.agent.window.WindowClock;
import io.flarepath.agent.window.WindowPace;
import io.flarepath.agent.window.WindowSink;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Puts a loop together that samples this machine. */
public final class Sampling {
    private Sampling() {}

    /**
     * A loop, which is not running yet.
     *
     * @param source where records come from
     * @param processes of this machine; the loop's thread has them to itself
     * @param unwinding walks their stacks on
     * @param sink takes the profiles of each window
     * @param counters of the samples
     * @param periodNanos CPU time that a sample stands for
     * @param window length of a window
     * @param behind whether profiles wait for the server now: windows are then short
     * @param onWindow called after each window, on the loop's thread; must be quick
     */
    public static SampleLoop loop(
            RecordSource source,
            Processes processes,
            Unwinding unwinding,
            WindowSink sink,
            AgentCounters counters,
            long periodNanos,
            Duration window,
            BooleanSupplier behind,
            Runnable onWindow) {
        LiveNames names = LiveNames.load(System.nanoTime());
        FrameCache cache = new FrameCache();
        StackNaming naming =
                new StackNaming(
                        processes,
                        names::kernelFrame,
                        names::vdsoFrame,
                        new PerfMapNames(),
                        unwinding.machines()::frames,
                        cache);
        WindowClock clock =
                new WindowClock(System::nanoTime, WindowClock::unixNow, window.toNanos());
        return new SampleLoop(
                source,
                processes,
                naming,
                unwinding.walks(),
                clock,
                new WindowPace(behind, window.toNanos()),
                sink,
                counters,
                periodNanos,
                () -> {
                    if (names.refresh(System.nanoTime())) {
                        cache.clear();
                    }
                    onWindow.run();
                });
    }
}
