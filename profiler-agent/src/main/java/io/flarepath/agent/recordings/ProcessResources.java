package io.flarepath.agent.recordings;

import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.Resource;
import io.flarepath.agent.processes.SampledPids;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.config.Configuration;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.util.SortedMap;

/**
 * Names processes for recordings as the sampling loop names them. That one's own view of the
 * processes belongs to its thread, so each recording takes a fresh look.
 */
public final class ProcessResources implements ResourceOf {
    private static final int EXECUTABLES = 16;
    private static final long SYMBOL_BYTES = 1L << 20;

    private static final SampledPids NOBODY =
            new SampledPids() {
                @Override
                public void exclude(int pid) {}

                @Override
                public void include(int pid) {}
            };

    private final Configuration configuration;

    /** Names processes by the agent's configuration. */
    public ProcessResources(Configuration configuration) {
        this.configuration = configuration;
    }

    @Override
    public SortedMap<String, String> attributes(int pid) throws RecordingFailedException {
        ExecutableCache cache = new ExecutableCache(EXECUTABLES, SYMBOL_BYTES, identity -> null);
        Processes processes = Processes.of(configuration, cache, NOBODY);
        try {
            TrackedProcess process = processes.find(pid, 0, "", System.nanoTime());
            Resource resource = processes.resource(process);
            if (resource == null) {
                throw new RecordingFailedException(
                        "process " + pid + " is left out by the settings include or exclude");
            }
            return resource.attributes();
        } finally {
            processes.close();
        }
    }
}
