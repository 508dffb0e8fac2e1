package io.flarepath.agent.samples;

import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.live.PerfMap;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names of code that a just-in-time compiler wrote, from the perf maps that some of them leave. A
 * map is looked for, and read on, at most once in so many seconds of one process.
 */
final class PerfMapNames implements StackNaming.JitNames {
    private static final Logger LOG = LoggerFactory.getLogger(PerfMapNames.class);
    private static final long PAUSE_NANOS = 5_000_000_000L;
    private static final int MAX_PROCESSES = 256;

    private static final class Known {
        private @Nullable PerfMap map;
        private long lookedNanos;
    }

    private final Map<TrackedProcess, Known> entries =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<TrackedProcess, Known> eldest) {
                    return size() > MAX_PROCESSES;
                }
            };

    @Override
    public @Nullable Frame frame(TrackedProcess process, long address, long nowNanos) {
        Known entry = entries.get(process);
        if (entry == null) {
            entry = new Known();
            entry.lookedNanos = nowNanos - PAUSE_NANOS;
            entries.put(process, entry);
        }
        Frame named = find(entry, address);
        if (named == null && nowNanos - entry.lookedNanos >= PAUSE_NANOS) {
            entry.lookedNanos = nowNanos;
            look(process, entry);
            named = find(entry, address);
        }
        return named;
    }

    private static @Nullable Frame find(Known entry, long address) {
        PerfMap map = entry.map;
        return map == null ? null : map.frame(address).orElse(null);
    }

    private static void look(TrackedProcess process, Known entry) {
        if (process.hasExited()) {
            return;
        }
        try {
            PerfMap map = entry.map;
            if (map == null) {
                Optional<PerfMap> found = PerfMap.open(process.pid(), FrameKind.NATIVE);
                entry.map = found.orElse(null);
            } else {
                map.refresh();
            }
        } catch (IOException e) {
            // Refused, or the process ended: its code goes without names.
            LOG.debug("no perf map of process {}: {}", process.pid(), e.toString());
        }
    }
}
