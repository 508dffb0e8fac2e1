package io.flarepath.agent.requests.tls;

import io.flarepath.bpf.ProgramTime;

/**
 * What it costs a process to be stopped at OpenSSL's functions: the kernel counts how long a
 * program runs, not the trap that leads there, which takes longer.
 */
public final class TlsCost {
    /**
     * Of a trap, about: 1 µs where the kernel emulates the instruction it stands at, 15 µs where it
     * has to be run by itself, in a virtual machine. Those of OpenSSL's functions are of the latter
     * sort at their entries, and of the first at their returns.
     */
    static final long TRAP_NANOS = 7_000;

    private static final String PROGRAMS = "tls_";

    private TlsCost() {}

    /** The time of a program with what leads to it. */
    public static ProgramTime withTrap(ProgramTime time) {
        return time.name().startsWith(PROGRAMS) ? time.withWay(TRAP_NANOS) : time;
    }
}
