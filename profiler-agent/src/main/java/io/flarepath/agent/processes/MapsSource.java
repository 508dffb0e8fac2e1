package io.flarepath.agent.processes;

/** Reads the executable mappings that a process has now. */
@FunctionalInterface
interface MapsSource {
    /**
     * Adds the executable mappings of a process.
     *
     * @return false if the process is gone or may not be read
     */
    boolean addTo(int pid, Mappings mappings);
}
