package io.flarepath.agent.processes;

/** Tells the kernel which processes it need not sample. */
public interface SampledPids {
    /** Takes no more samples of a process, until it ends or is included again. */
    void exclude(int pid);

    /** Samples a process again. */
    void include(int pid);
}
