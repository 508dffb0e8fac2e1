package io.flarepath.bpf;

/** Why the user stack of a sample ends where it does. */
public enum UserStackEnd {
    /** The chain of frames ended in a zero, as the thread's first frame has it. */
    COMPLETE(0),
    /** There are more frames than a record takes. */
    DEPTH_LIMIT(1),
    /** A page of the stack could not be read: not resident, or not mapped. */
    UNREADABLE(2),
    /** There is no user code: a kernel thread. */
    NO_USER(3),
    /** The chain leads into code that keeps no frame pointers: callers from there are unknown. */
    NO_FRAME_POINTER(4),
    /** A 32-bit program; only the program counter is known. */
    COMPAT_32_BIT(5);

    private static final UserStackEnd[] BY_NUMBER = values();

    private final int number;

    UserStackEnd(int number) {
        this.number = number;
    }

    /** As the record has it; also the place in {@link #BY_NUMBER}. */
    int number() {
        return number;
    }

    static UserStackEnd of(int number) {
        if (number < 0 || number >= BY_NUMBER.length) {
            throw new MalformedRecordException(
                    "end of a user stack must be 0 to "
                            + (BY_NUMBER.length - 1)
                            + ", is "
                            + number);
        }
        return BY_NUMBER[number];
    }
}
