package io.flarepath.bpf;

/** What makes a CPU take a sample. */
public enum EventSource {
    /** Cycles where the hardware counts them, else the CPU clock. */
    AUTOMATIC(0),
    /** The hardware's cycle counter, at a frequency. */
    CYCLES(1),
    /** The kernel's clock of each CPU, at a period. */
    CPU_CLOCK(2);

    private final int number;

    EventSource(int number) {
        this.number = number;
    }

    /** As {@code enum sampler_source} in sampler.h has it. */
    int number() {
        return number;
    }

    static EventSource of(long number) {
        for (EventSource source : values()) {
            if (source.number == number) {
                return source;
            }
        }
        throw new IllegalArgumentException("no event source has number " + number);
    }
}
