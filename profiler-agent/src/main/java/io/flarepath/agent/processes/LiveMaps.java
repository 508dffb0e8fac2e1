package io.flarepath.agent.processes;

import io.flarepath.symbolizer.live.MemoryMapping;
import io.flarepath.symbolizer.live.ProcessMaps;
import java.io.IOException;

/** Mappings as {@code /proc/PID/maps} shows them. */
final class LiveMaps implements MapsSource {
    @Override
    public boolean addTo(int pid, Mappings mappings) {
        ProcessMaps maps;
        try {
            maps = ProcessMaps.read(pid);
        } catch (IOException e) {
            return false; // It ended, which it may do at any time.
        }
        for (MemoryMapping m : maps.mappings()) {
            MappedFile file = MappedFile.of(m.path(), m.device(), m.inode());
            mappings.add(m.start(), m.end(), m.fileOffset(), file);
        }
        return true;
    }
}
