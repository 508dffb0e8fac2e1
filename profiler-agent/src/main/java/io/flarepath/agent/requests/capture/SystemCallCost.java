package io.flarepath.agent.requests.capture;

import io.flarepath.bpf.ProgramTime;

/**
 * What it costs a process that its system calls are traced: the kernel counts how long a program
 * runs, not its own way there.
 */
public final class SystemCallCost {
    /** Of a traced beginning or end of a call, about. */
    static final long WAY_NANOS = 200;

    private static final String PROGRAMS = "call_";

    /** Of changes of a connection, which are no calls. */
    private static final String STATE = "call_state";

    private SystemCallCost() {}

    /** The time of a program with what leads to it. */
    public static ProgramTime withWay(ProgramTime time) {
        return time.name().startsWith(PROGRAMS) && !time.name().equals(STATE)
                ? time.withWay(WAY_NANOS)
                : time;
    }
}
