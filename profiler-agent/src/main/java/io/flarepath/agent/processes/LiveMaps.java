package io.flarepath.agent.processes;

import io.flarepath.bpf.ExecutableMappings;
import io.flarepath.symbolizer.live.MemoryMapping;
import io.flarepath.symbolizer.live.ProcessMaps;
import java.io.IOException;

/** Mappings as the kernel tells them: by a query for executable ones, else as text of all. */
final class LiveMaps implements MapsSource {
    private final ExecutableMappings query = new ExecutableMappings();

    @Override
    public boolean addTo(int pid, Mappings mappings) {
        try {
            if (!addQueried(pid, mappings)) {
                addPrinted(pid, mappings);
            }
            return true;
        } catch (IOException e) {
            return false; // It ended, which it may do at any time.
        }
    }

    private boolean addQueried(int pid, Mappings mappings) throws IOException {
        return query.read(
                pid,
                (start, end, offset, device, inode, path) -> {
                    MappedFile file = MappedFile.of(path, DeviceNumber.of(device), inode);
                    mappings.add(start, end, offset, file);
                    return mappings.size() < Mappings.MAX;
                });
    }

    private static void addPrinted(int pid, Mappings mappings) throws IOException {
        for (MemoryMapping m : ProcessMaps.read(pid).mappings()) {
            MappedFile file = MappedFile.of(m.path(), m.device(), m.inode());
            mappings.add(m.start(), m.end(), m.fileOffset(), file);
        }
    }
}
