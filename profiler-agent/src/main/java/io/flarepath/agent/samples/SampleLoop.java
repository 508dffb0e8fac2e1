package io.flarepath.agent.samples;

import io.flarepath.agent.processes.DeviceNumber;
import io.flarepath.agent.processes.MappedFile;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.ReplacedRanges;
import io.flarepath.agent.processes.Resource;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.agent.processes.labels.EnvironmentLabels;
import io.flarepath.agent.unwind.KeptWalks;
import io.flarepath.agent.window.StackWindow;
import io.flarepath.agent.window.StackWindow.Fold;
import io.flarepath.agent.window.WindowClock;
import io.flarepath.agent.window.WindowPace;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.agent.window.WindowSink;
import io.flarepath.bpf.EventReader;
import io.flarepath.bpf.MalformedRecordException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drains records, follows the processes they tell of, and folds the samples of each window. One
 * thread runs it, and all that it uses.
 */
public final class SampleLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SampleLoop.class);
    private static final int DRAIN_MILLIS = 200;

    /** While a kill would lose what waits in the ring as well. */
    private static final int BEHIND_DRAIN_MILLIS = 100;

    private static final int BUFFER_BYTES = 256 << 10;

    /** Records may come this late: the sampler keeps the youngest back to put them in order. */
    private static final long LATE_NANOS = 20_000_000;

    private final RecordSource source;
    private final Processes processes;
    private final StackNaming naming;
    private final KeptWalks walks;
    private final StackWindow window;
    private final WindowClock clock;
    private final WindowPace pace;
    private final WindowSink sink;
    private final AgentCounters counters;
    private final long periodNanos;
    private final Runnable onWindow;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final EventReader reader = new EventReader();
    private final byte[] environment = new byte[EventReader.ENVIRONMENT_BYTES];
    private final RawStack stack = new RawStack();
    private final SeenStacks seen = new SeenStacks();
    private final ExpectedPrograms programs = new ExpectedPrograms();

    /** Processes that run an expected program since the last drain. */
    private final List<TrackedProcess> expected = new ArrayList<>();

    private long lookedNanos;
    private volatile boolean stopped;

    /**
     * @param source where records come from
     * @param processes follows the processes they tell of
     * @param naming names the stacks
     * @param walks keeps samples whose walk cannot go on yet
     * @param clock of the samples and windows
     * @param pace says how long windows are
     * @param sink takes the profiles of each window
     * @param counters of this loop
     * @param periodNanos CPU time that a sample stands for
     * @param onWindow called after each window, on this loop's thread
     */
    public SampleLoop(
            RecordSource source,
            Processes processes,
            StackNaming naming,
            KeptWalks walks,
            WindowClock clock,
            WindowPace pace,
            WindowSink sink,
            AgentCounters counters,
            long periodNanos,
            Runnable onWindow) {
        this.source = source;
        this.processes = processes;
        this.naming = naming;
        this.walks = walks;
        this.window = new StackWindow();
        this.clock = clock;
        this.pace = pace;
        lookedNanos = clock.nowNanos();
        this.sink = sink;
        this.counters = counters;
        this.periodNanos = periodNanos;
        this.onWindow = onWindow;
    }

    /** Runs until {@link #stop}; then drains what is left and hands over the last window. */
    public void run() {
        while (!stopped) {
            long length = pace.lengthNanos(clock.nowNanos());
            clock.length(length);
            drain(length < clock.usualNanos() ? BEHIND_DRAIN_MILLIS : DRAIN_MILLIS);
            endWindowIfDue();
        }
        for (int i = 0; i < 16 && drain(1) > 0; i++) {
            LOG.debug("draining what is left");
        }
        walks.finish(clock.nowNanos(), this::fold);
        handOver();
    }

    /** Ends the run within one wait for records. Any thread may call it. */
    public void stop() {
        stopped = true;
    }

    /** Drains once; gives the number of bytes. */
    int drain(int timeoutMillis) {
        int bytes = source.drain(buffer, timeoutMillis);
        reader.wrap(buffer, bytes);
        try {
            while (reader.next()) {
                handle();
            }
        } catch (MalformedRecordException e) {
            counters.malformed.increment();
            LOG.warn("the rest of a drained buffer is passed over: {}", e.getMessage());
        }
        tellOfExpected();
        walks.goOn(clock.nowNanos(), this::fold);
        return bytes;
    }

    private void tellOfExpected() {
        for (TrackedProcess process : expected) {
            if (!process.hasExited() && processes.resource(process) != null) {
                walks.expect(process, clock.nowNanos());
            }
        }
        expected.clear();
    }

    /** Ends the window if its time is over and what belongs to it must have come. */
    void endWindowIfDue() {
        if (clock.isAfter(clock.nowNanos() - LATE_NANOS)) {
            nextWindow();
        }
    }

    private void nextWindow() {
        handOver();
        clock.next();
        long now = clock.nowNanos();
        // Processes are looked at as often as ever, however short the windows.
        if (now - lookedNanos >= clock.usualNanos() / 2) {
            lookedNanos = now;
            processes.beginWindow(now);
        }
        onWindow.run();
    }

    private void handle() {
        int pid = reader.pid();
        long time = reader.timeNanos();
        switch (reader.kind()) {
            case SAMPLE -> sample(pid, time);
            case FORK -> processes.onFork(pid, reader.parentPid(), reader.comm(), time);
            case EXEC -> exec(pid, time);
            case EXIT -> processes.onExit(pid, time);
            case MMAP ->
                    processes.onMapping(
                            pid,
                            reader.start(),
                            reader.end(),
                            reader.fileOffset(),
                            MappedFile.of(
                                    reader.path(),
                                    DeviceNumber.of(reader.device()),
                                    reader.inode()),
                            time);
        }
    }

    private void exec(int pid, long time) {
        processes.onExec(pid, reader.path(), reader.comm(), environment(), time);
        TrackedProcess process = processes.find(pid, reader.image(), reader.comm(), time);
        if (programs.started(process.executable())) {
            expected.add(process);
        }
    }

    private @Nullable EnvironmentLabels environment() {
        int length = reader.environment(environment);
        return length < 0 ? null : EnvironmentLabels.parse(environment, length);
    }

    private void sample(int pid, long time) {
        counters.drained.increment();
        if (clock.isAfter(time)) {
            nextWindow();
        }
        TrackedProcess process = processes.find(pid, reader.image(), reader.comm(), time);
        Resource resource = processes.resource(process);
        if (resource == null) {
            counters.excluded.increment();
            return;
        }
        programs.sampled(process.executable());
        if (reader.canGoOn()) {
            walks.keep(reader, process, resource, time, this::fold);
        } else {
            fold(reader, process, resource, ReplacedRanges.NONE);
        }
    }

    /** Folds a sample whose walk has ended, into the window that is open now. */
    private void fold(
            EventReader sample, TrackedProcess process, Resource resource, ReplacedRanges changed) {
        long time = sample.timeNanos();
        stack.take(sample);
        stack.cut(changed);
        stack.distrust(walks.staleFor(process, sample.mappingsGeneration()));
        Fold fold = fold(process, resource, sample.tid(), time);
        // What was kept back over the end of its window is told as early as this one begins.
        fold.add(sample.comm(), Math.max(clock.startNanos(), clock.unixTime(time)));
        counters.countStack(resource.attributes().getOrDefault("service.name", ""), fold.error());
    }

    private Fold fold(TrackedProcess process, Resource resource, int tid, long time) {
        long hash = stack.hash();
        @Nullable Fold known = seen.find(stack, hash, process, resource, tid);
        if (known != null) {
            return known;
        }
        Fold fold = window.fold(resource, process.pid(), tid, naming.frames(stack, process, time));
        seen.add(stack, hash, process, resource, tid, fold);
        return fold;
    }

    private void handOver() {
        long samples = window.samples();
        long overflowed = window.overflowed();
        long start = clock.startNanos();
        List<WindowProfile> profiles =
                window.take(start, Math.max(1, clock.endNanos() - start), periodNanos);
        seen.clear();
        counters.overflowed.add(overflowed - counters.overflowed.value());
        if (profiles.isEmpty()) {
            return;
        }
        sink.accept(profiles);
        counters.folded.add(samples);
    }
}
