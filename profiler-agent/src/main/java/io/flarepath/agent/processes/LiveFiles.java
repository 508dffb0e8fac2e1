package io.flarepath.agent.processes;

import java.util.List;

/** Looks at which files all processes of this machine run code of now. Not for several threads. */
public final class LiveFiles {
    private final ProcFiles files;
    private final MapsSource maps = new LiveMaps();

    /** Takes mappings of code. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * A file that a process has mapped to run code of.
         *
         * @param pid of the process
         * @param main whether it is the program itself
         * @param file that is mapped
         * @param start first address of the mapping
         * @param end address behind it
         */
        void mapped(int pid, boolean main, MappedFile file, long start, long end);
    }

    /** Looks at nothing yet. */
    public LiveFiles() {
        files = new ProcFiles("/proc");
    }

    /** Visits all processes; those that end meanwhile may be left out. */
    public void visit(Visitor visitor) {
        List<Integer> pids = files.pids();
        for (int pid : pids) {
            Mappings mappings = new Mappings();
            if (!maps.addTo(pid, mappings) || mappings.size() == 0) {
                continue;
            }
            String program = MappedFile.withoutDeleted(files.executable(pid));
            for (int i = 0; i < mappings.size(); i++) {
                MappedFile file = mappings.file(i);
                if (file.isFile()) {
                    boolean main = file.path().equals(program);
                    visitor.mapped(pid, main, file, mappings.start(i), mappings.end(i));
                }
            }
        }
    }
}
