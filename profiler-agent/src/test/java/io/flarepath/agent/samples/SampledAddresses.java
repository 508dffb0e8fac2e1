package io.flarepath.agent.samples;

import io.flarepath.bpf.EventKind;
import io.flarepath.bpf.EventReader;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the user addresses of samples on their way to the agent: those that are to be named. */
final class SampledAddresses implements RecordSource {
    private final RecordSource source;
    private final EventReader reader = new EventReader();
    private final RawStack stack = new RawStack();
    private final Map<Integer, Set<Long>> byPid = new ConcurrentHashMap<>();

    SampledAddresses(RecordSource source) {
        this.source = source;
    }

    @Override
    public int drain(ByteBuffer direct, int timeoutMillis) {
        int bytes = source.drain(direct, timeoutMillis);
        reader.wrap(direct, bytes);
        while (reader.next()) {
            if (reader.kind() == EventKind.SAMPLE) {
                keep(byPid.computeIfAbsent(reader.pid(), p -> ConcurrentHashMap.newKeySet()));
            }
        }
        return bytes;
    }

    private void keep(Set<Long> addresses) {
        stack.take(reader);
        for (int i = stack.kernelDepth(); i < stack.depth(); i = stack.next(i)) {
            addresses.add(stack.callAddress(i));
        }
    }

    /** Distinct addresses of a process: where it ran, and one byte before where calls return. */
    Set<Long> of(long pid) {
        return byPid.getOrDefault((int) pid, Set.of());
    }
}
