package io.flarepath.bpf;

/** Why the user stack of a sample ends where it does; {@code record.h} has the same numbers. */
public enum UserStackEnd {
    /** The outermost frame of the thread was reached. */
    COMPLETE(0, ""),
    /** There are more frames than a record takes. */
    DEPTH_LIMIT(1, "depth limit"),
    /** A page of the stack could not be read: not resident, or not mapped. */
    UNREADABLE(2, "stack unreadable"),
    /** There is no user code: a kernel thread. */
    NO_USER(3, ""),
    /** Code without rules keeps no frame pointers either: callers from there are unknown. */
    NO_FRAME_POINTER(4, "no frame pointer"),
    /** A 32-bit program; only the program counter is known. */
    COMPAT_32_BIT(5, "32-bit program"),
    /** A return address lies in no executable mapping that is known. */
    UNMAPPED(6, "unmapped code"),
    /** The rules of an executable are not loaded. */
    NOT_LOADED(7, "unwind rules not loaded"),
    /** The mappings of the process are not known. */
    UNKNOWN_PROCESS(8, "unknown process"),
    /** The rule at this place is not known, or cannot be expressed. */
    NO_RULE(9, "no unwind rule"),
    /** The caller's frame would not lie above its callee's. */
    NO_PROGRESS(10, "stack does not grow"),
    /** A return address is no address of user space. */
    BAD_RETURN(11, "bad return address"),
    /** The thread was ending: its memory is gone. */
    EXITING(12, "exit in flight"),
    /** The process was replacing its program: its memory is gone. */
    IN_EXEC(13, "exec in flight"),
    /** The executable has rules, for which the tables have no room. */
    NO_ROOM(14, "unwind tables full"),
    /** A rule needs a register that is only known in the innermost frame. */
    REGISTER_LOST(15, "register not known"),
    /** The walk leads to a part of the stack, or to another one, that was not copied. */
    OTHER_STACK(16, "stack not copied"),
    /** Mappings changed during the walk. */
    CHANGED(17, "mappings changed"),
    /** A virtual thread whose other frames lie on the heap: they are on no stack. */
    FROZEN_FRAMES(18, "frames on the heap"),
    /** No code of the JVM is at a return address, or its description makes no sense. */
    NO_CODE_BLOB(19, "no compiled code"),
    /** A frame of the JVM's interpreter or of generated code is not as it should be. */
    BAD_JVM_FRAME(20, "bad JVM frame"),
    /** Frames of a JVM that was not known yet: they need its memory as it was. */
    JVM_NOT_COPIED(21, "JVM not known yet"),
    /** Frames of a JVM whose layout is not understood. */
    JVM_REFUSED(22, "JVM not understood"),
    /**
     * A return address is that of the kernel's trampoline for probes of returns, and the real one
     * is not known.
     */
    RETURN_PROBE(23, "return probe");

    private static final UserStackEnd[] BY_NUMBER = values();

    private final int number;
    private final String reason;

    UserStackEnd(int number, String reason) {
        this.number = number;
        this.reason = reason;
    }

    /** As the record has it; also the place in {@link #BY_NUMBER}. */
    public int number() {
        return number;
    }

    /** What cut the stack, in a few words; empty where nothing is missing. */
    public String reason() {
        return reason;
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
