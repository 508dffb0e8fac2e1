package io.flarepath.bpf;

/** What a record tells of. */
public enum EventKind {
    /** A thread was running on a CPU when its clock struck. */
    SAMPLE(RecordDescriptor.KIND_SAMPLE),
    /**
     * A process runs another program: what was mapped before is gone. The time is that of the
     * replacement; the executable mappings of the new program follow. The environment and the
     * command line can be read.
     */
    EXEC(RecordDescriptor.KIND_EXEC),
    /** A process (not a thread) was made. */
    FORK(RecordDescriptor.KIND_FORK),
    /**
     * The last thread of a process ends. Comes twice when the last two threads end at the same
     * moment on two CPUs.
     */
    EXIT(RecordDescriptor.KIND_EXIT),
    /** A process mapped memory that it may execute. */
    MMAP(RecordDescriptor.KIND_MMAP);

    private static final EventKind[] BY_NUMBER = byNumber();

    private final int number;

    EventKind(int number) {
        this.number = number;
    }

    private static EventKind[] byNumber() {
        EventKind[] kinds = new EventKind[values().length + 1];
        for (EventKind kind : values()) {
            kinds[kind.number] = kind;
        }
        return kinds;
    }

    static EventKind of(int number) {
        if (number < 1 || number >= BY_NUMBER.length) {
            throw new MalformedRecordException(
                    "kind of a record must be 1 to " + (BY_NUMBER.length - 1) + ", is " + number);
        }
        return BY_NUMBER[number];
    }
}
