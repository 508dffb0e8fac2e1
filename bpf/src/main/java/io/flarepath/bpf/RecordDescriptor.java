package io.flarepath.bpf;

/**
 * Layout of the records in a drained buffer, little endian: a mirror of {@code record.h}.
 *
 * <pre>
 *  0        4      6       8        16    20    24    28           32          40
 *  | size:4 | kind:2 flags:2 | time:8 | pid:4 tid:4 cpu:4 parentPid:4 | cgroupId:8 | comm:16 |
 *  56 SAMPLE | kernelDepth:2 userDepth:2 userEnd:4 | image:8 generation:8 stackBytes:4 reserved:4 |
 *  88        | kernel addresses:8… user addresses:8… (two words for a frame of a JVM) |
 *            | if stackBytes > 0: state of the walk:152 | stack… |
 *  56 EXEC   | image:8 | pathBytes:4 reserved:4 | path:256 | 4 entries of the environment:512, or none |
 *  56 MMAP   | start:8 end:8 fileOffset:8 device:8 inode:8 protection:4 pathBytes:4 | path… |
 * </pre>
 */
final class RecordDescriptor {
    static final int SIZE = 0;
    static final int KIND = 4;
    static final int FLAGS = 6;
    static final int TIME = 8;
    static final int PID = 16;
    static final int TID = 20;
    static final int CPU = 24;
    static final int PARENT_PID = 28;
    static final int CGROUP_ID = 32;
    static final int COMM = 40;
    static final int COMM_BYTES = 16;
    static final int HEADER_BYTES = 56;

    static final int KERNEL_DEPTH = 56;
    static final int USER_DEPTH = 58;
    static final int USER_END = 60;
    static final int IMAGE = 64;
    static final int GENERATION = 72;
    static final int STACK_BYTES = 80;
    static final int ADDRESSES = 88;
    static final int WALK_STATE_BYTES = 160;
    static final int STATE_PC = 128;
    static final int STATE_FLAGS = 148;
    static final int STACK_COPY_BYTES = 32768;
    static final long ADDRESS_BY_FRAME_POINTER = 1L << 63;
    static final long ADDRESS_EXACT = 1L << 62;
    static final long ADDRESS_JVM = 1L << 61;
    static final int JVM_FRAME_SHIFT = 60;
    static final int JVM_COMPILED = 1;
    static final int JVM_INTERPRETED = 2;
    static final int JVM_STUB = 3;
    static final int JVM_METHOD_SHIFT = 16;
    static final int JVM_UNKNOWN_BYTECODE = 0xffff;
    static final long ADDRESS_MASK = (1L << 48) - 1;

    static final int EXEC_IMAGE = 56;
    static final int EXEC_PATH_BYTES = 64;
    static final int EXEC_PATH = 72;
    static final int EXEC_ENVIRONMENT = 328;
    static final int ENVIRONMENT_NAMES = 4;
    static final int ENVIRONMENT_ENTRY_BYTES = 512;

    static final int MMAP_START = 56;
    static final int MMAP_END = 64;
    static final int MMAP_FILE_OFFSET = 72;
    static final int MMAP_DEVICE = 80;
    static final int MMAP_INODE = 88;
    static final int MMAP_PROTECTION = 96;
    static final int MMAP_PATH_BYTES = 100;
    static final int MMAP_PATH = 104;

    static final int KERNEL_FRAMES_MAX = 128;
    static final int USER_FRAMES_MAX = 1536;
    static final int RECORD_BYTES_MAX = 65536;

    static final int KIND_SAMPLE = 1;
    static final int KIND_EXEC = 2;
    static final int KIND_FORK = 3;
    static final int KIND_EXIT = 4;
    static final int KIND_MMAP = 5;

    static final int FLAG_KERNEL_TRUNCATED = 1;
    static final int FLAG_USER_IN_SYSCALL = 2;
    static final int FLAG_PATH_TRUNCATED = 4;
    static final int FLAG_ENVIRONMENT = 8;

    private RecordDescriptor() {}

    /** All constants, in the order in which the native library gives its own. */
    static long[] layout() {
        return new long[] {
            HEADER_BYTES,
            SIZE,
            KIND,
            FLAGS,
            TIME,
            PID,
            TID,
            CPU,
            PARENT_PID,
            CGROUP_ID,
            COMM,
            COMM_BYTES,
            KERNEL_DEPTH,
            USER_DEPTH,
            USER_END,
            IMAGE,
            GENERATION,
            STACK_BYTES,
            ADDRESSES,
            WALK_STATE_BYTES,
            STATE_PC,
            STATE_FLAGS,
            STACK_COPY_BYTES,
            ADDRESS_BY_FRAME_POINTER,
            ADDRESS_EXACT,
            ADDRESS_MASK,
            EXEC_IMAGE,
            EXEC_PATH_BYTES,
            EXEC_PATH,
            EXEC_ENVIRONMENT,
            ENVIRONMENT_NAMES,
            ENVIRONMENT_ENTRY_BYTES,
            MMAP_START,
            MMAP_END,
            MMAP_FILE_OFFSET,
            MMAP_DEVICE,
            MMAP_INODE,
            MMAP_PROTECTION,
            MMAP_PATH_BYTES,
            MMAP_PATH,
            KERNEL_FRAMES_MAX,
            USER_FRAMES_MAX,
            RECORD_BYTES_MAX,
            KIND_SAMPLE,
            KIND_EXEC,
            KIND_FORK,
            KIND_EXIT,
            KIND_MMAP,
            FLAG_KERNEL_TRUNCATED,
            FLAG_USER_IN_SYSCALL,
            FLAG_PATH_TRUNCATED,
            FLAG_ENVIRONMENT,
            UserStackEnd.values().length,
            UserStackEnd.COMPLETE.number(),
            UserStackEnd.DEPTH_LIMIT.number(),
            UserStackEnd.UNREADABLE.number(),
            UserStackEnd.NO_USER.number(),
            UserStackEnd.NO_FRAME_POINTER.number(),
            UserStackEnd.COMPAT_32_BIT.number(),
            UserStackEnd.UNMAPPED.number(),
            UserStackEnd.NOT_LOADED.number(),
            UserStackEnd.UNKNOWN_PROCESS.number(),
            UserStackEnd.NO_RULE.number(),
            UserStackEnd.NO_PROGRESS.number(),
            UserStackEnd.BAD_RETURN.number(),
            UserStackEnd.EXITING.number(),
            UserStackEnd.IN_EXEC.number(),
            UserStackEnd.NO_ROOM.number(),
            UserStackEnd.REGISTER_LOST.number(),
            UserStackEnd.OTHER_STACK.number(),
            UserStackEnd.CHANGED.number(),
            UserStackEnd.FROZEN_FRAMES.number(),
            UserStackEnd.NO_CODE_BLOB.number(),
            UserStackEnd.BAD_JVM_FRAME.number(),
            UserStackEnd.JVM_NOT_COPIED.number(),
            UserStackEnd.JVM_REFUSED.number(),
            UserStackEnd.RETURN_PROBE.number(),
            ADDRESS_JVM,
            JVM_FRAME_SHIFT,
            JVM_COMPILED,
            JVM_INTERPRETED,
            JVM_STUB,
            JVM_METHOD_SHIFT,
            JVM_UNKNOWN_BYTECODE,
        };
    }
}
