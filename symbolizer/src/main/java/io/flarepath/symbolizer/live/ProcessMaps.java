package io.flarepath.symbolizer.live;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The executable mappings of a process, sorted by address. Immutable. */
public final class ProcessMaps {
    /** More lines are not read: {@code vm.max_map_count} may be raised to millions. */
    static final int MAX_LINES = 1_000_000;

    static final int MAX_KEPT = 65_536;

    private final List<MemoryMapping> mappings;
    private final boolean truncated;
    private final int malformedLines;

    private ProcessMaps(List<MemoryMapping> mappings, boolean truncated, int malformedLines) {
        this.mappings = mappings;
        this.truncated = truncated;
        this.malformedLines = malformedLines;
    }

    /**
     * Reads {@code /proc/PID/maps}.
     *
     * @throws IOException if the process has ended or may not be looked at
     */
    public static ProcessMaps read(int pid) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + pid + "/maps"))) {
            return read(in);
        }
    }

    /** Reads text of the form of {@code /proc/PID/maps} (proc_pid_maps(5)). */
    static ProcessMaps read(InputStream in) throws IOException {
        List<MemoryMapping> kept = new ArrayList<>();
        LineReader lines = new LineReader(in);
        int count = 0;
        int malformed = 0;
        boolean truncated = false;
        while (lines.next()) {
            if (++count > MAX_LINES || kept.size() >= MAX_KEPT) {
                truncated = true;
                break;
            }
            MapsLine line = MapsLine.parse(lines.bytes(), lines.length());
            if (line == null) {
                malformed++;
            } else if (line.executable()) {
                kept.add(line.toMapping(lines.bytes(), lines.length()));
            }
        }
        kept.sort((a, b) -> Long.compareUnsigned(a.start(), b.start()));
        return new ProcessMaps(List.copyOf(kept), truncated, malformed);
    }

    /** Executable mappings by rising address. */
    public List<MemoryMapping> mappings() {
        return mappings;
    }

    /** Whether a cap ended the reading before the last line. */
    public boolean truncated() {
        return truncated;
    }

    /** Lines that were not understood, and left out. */
    public int malformedLines() {
        return malformedLines;
    }

    /** The mapping that holds the address. */
    public Optional<MemoryMapping> find(long address) {
        int low = 0;
        int high = mappings.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            MemoryMapping mapping = mappings.get(middle);
            if (mapping.holds(address)) {
                return Optional.of(mapping);
            }
            if (Long.compareUnsigned(address, mapping.start()) < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return Optional.empty();
    }
}
