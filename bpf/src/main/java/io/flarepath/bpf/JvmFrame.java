package io.flarepath.bpf;

/** Reads the word that says which frame of a JVM one is; {@code record.h} has its layout. */
public final class JvmFrame {
    /** What the code of a frame is. */
    public enum Kind {
        /** A method that was compiled. */
        COMPILED,
        /** A method that is interpreted. */
        INTERPRETED,
        /** Other code that the JVM generated. */
        STUB,
    }

    private JvmFrame() {}

    /**
     * Kind of the frame.
     *
     * @throws MalformedRecordException if there is no such
     */
    public static Kind kind(long word) {
        int kind = (int) (word >>> RecordDescriptor.JVM_FRAME_SHIFT);
        return switch (kind) {
            case RecordDescriptor.JVM_COMPILED -> Kind.COMPILED;
            case RecordDescriptor.JVM_INTERPRETED -> Kind.INTERPRETED;
            case RecordDescriptor.JVM_STUB -> Kind.STUB;
            default -> throw new MalformedRecordException("no frame of a JVM has kind " + kind);
        };
    }

    /** Number of the compilation of which a compiled frame is. */
    public static int compileId(long word) {
        return (int) word;
    }

    /** Address of an interpreted frame's Method. */
    public static long method(long word) {
        int kindBits = Long.SIZE - RecordDescriptor.JVM_FRAME_SHIFT;
        return (word << kindBits >>> (kindBits + RecordDescriptor.JVM_METHOD_SHIFT)) << 3;
    }

    /** Index of the bytecode at which an interpreted frame is; -1 if it is not known. */
    public static int bytecodeIndex(long word) {
        int index = (int) word & 0xffff;
        return index == RecordDescriptor.JVM_UNKNOWN_BYTECODE ? -1 : index;
    }
}
