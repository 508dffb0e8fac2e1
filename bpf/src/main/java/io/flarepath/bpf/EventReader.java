package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Reads the records that {@link Sampler#drain} put into a buffer, one after the other, without an
 * object for each. Accessors speak of the record at which {@link #next} stopped; what a kind of
 * record does not have throws IllegalStateException.
 *
 * <p>Nothing in the buffer is trusted: {@code next} checks the whole record before it is read, and
 * throws {@link MalformedRecordException} where it breaks a rule. Not safe for several threads.
 */
public final class EventReader {
    /** Bytes that {@link #environment} gives at most. */
    public static final int ENVIRONMENT_BYTES =
            RecordDescriptor.ENVIRONMENT_NAMES * (RecordDescriptor.ENVIRONMENT_ENTRY_BYTES + 1);

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final byte[] text = new byte[RecordDescriptor.RECORD_BYTES_MAX];
    private ByteBuffer buffer = NONE;
    private int limit;
    private int record = -1;
    private int end;
    private EventKind kind = EventKind.SAMPLE;

    /**
     * Starts over at the first record of a buffer.
     *
     * @param drained the buffer that was given to drain; its position and limit do not matter
     * @param bytes what drain returned
     */
    public EventReader wrap(ByteBuffer drained, int bytes) {
        Objects.checkFromIndexSize(0, bytes, drained.capacity());
        buffer = drained.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        limit = bytes;
        record = -1;
        end = 0;
        return this;
    }

    /** Goes to the next record; false when there is none. */
    public boolean next() {
        if (end == limit) {
            record = -1;
            return false;
        }
        record = -1;
        int start = end;
        RecordCheck.header(buffer, start, limit);
        EventKind found = EventKind.of(buffer.getShort(start + RecordDescriptor.KIND));
        int size = buffer.getInt(start + RecordDescriptor.SIZE);
        switch (found) {
            case SAMPLE -> RecordCheck.sample(buffer, start, size);
            case EXEC -> RecordCheck.exec(buffer, start, size);
            case MMAP ->
                    RecordCheck.path(
                            buffer,
                            start,
                            size,
                            RecordDescriptor.MMAP_PATH_BYTES,
                            RecordDescriptor.MMAP_PATH);
            case FORK, EXIT -> {}
        }
        kind = found;
        record = start;
        end = start + size;
        return true;
    }

    private int at(int offset) {
        if (record < 0) {
            throw new IllegalStateException("there is no current record: call next() first");
        }
        return record + offset;
    }

    private int at(EventKind wanted, int offset) {
        int position = at(offset);
        if (kind != wanted) {
            throw new IllegalStateException("the record is " + kind + ", not " + wanted);
        }
        return position;
    }

    private boolean flag(int flag) {
        return (buffer.getShort(at(RecordDescriptor.FLAGS)) & flag) != 0;
    }

    /** What the record tells of. */
    public EventKind kind() {
        return at(0) < 0 ? EventKind.SAMPLE : kind;
    }

    /** Process id; of a FORK that of the new process. */
    public int pid() {
        return buffer.getInt(at(RecordDescriptor.PID));
    }

    /** Thread id. */
    public int tid() {
        return buffer.getInt(at(RecordDescriptor.TID));
    }

    /** When it happened: CLOCK_MONOTONIC, nanoseconds. */
    public long timeNanos() {
        return buffer.getLong(at(RecordDescriptor.TIME));
    }

    /** CPU on which it happened. */
    public int cpu() {
        return buffer.getInt(at(RecordDescriptor.CPU));
    }

    /** Id of the cgroup (version 2): the inode of its directory; 0 for MMAP. */
    public long cgroupId() {
        return buffer.getLong(at(RecordDescriptor.CGROUP_ID));
    }

    /** Name of the thread, at most 15 bytes; empty for MMAP. */
    public String comm() {
        int length = 0;
        int start = at(RecordDescriptor.COMM);
        while (length < RecordDescriptor.COMM_BYTES && buffer.get(start + length) != 0) {
            length++;
        }
        return text(start, length);
    }

    /** Number of kernel frames of a SAMPLE. */
    public int kernelDepth() {
        return Short.toUnsignedInt(
                buffer.getShort(at(EventKind.SAMPLE, RecordDescriptor.KERNEL_DEPTH)));
    }

    /** Address of a kernel frame, leaf first; the leaf is the exact pc, others return addresses. */
    public long kernelAddress(int i) {
        return address(Objects.checkIndex(i, kernelDepth()));
    }

    /**
     * Number of words that the user frames of a SAMPLE take: one each, and two where {@link
     * #isJvmFrame}.
     */
    public int userDepth() {
        return Short.toUnsignedInt(
                buffer.getShort(at(EventKind.SAMPLE, RecordDescriptor.USER_DEPTH)));
    }

    /**
     * Address of a user frame, leaf first. The leaf is the exact pc, unless {@link
     * #userInSystemCall}; the others are return addresses, unless {@link #userAddressExact}.
     */
    public long userAddress(int i) {
        return userWord(i) & RecordDescriptor.ADDRESS_MASK;
    }

    /** Whether the thread was at this address itself: interrupted there, by a signal or by us. */
    public boolean userAddressExact(int i) {
        return (userWord(i) & RecordDescriptor.ADDRESS_EXACT) != 0;
    }

    /** Whether a frame was found by a frame pointer, where no rule says where it is. */
    public boolean byFramePointer(int i) {
        return (userWord(i) & RecordDescriptor.ADDRESS_BY_FRAME_POINTER) != 0;
    }

    /** Whether a frame is of a JVM; the next word, which is no address, says which. */
    public boolean isJvmFrame(int i) {
        return (userWord(i) & RecordDescriptor.ADDRESS_JVM) != 0;
    }

    /**
     * What a frame of a JVM is; {@link JvmFrame} reads it.
     *
     * @throws MalformedRecordException if it is left out
     */
    public long jvmFrame(int i) {
        if (i + 1 >= userDepth()) {
            throw new MalformedRecordException("the last frame of a SAMPLE is cut in half");
        }
        return address(kernelDepth() + i + 1);
    }

    private long userWord(int i) {
        return address(kernelDepth() + Objects.checkIndex(i, userDepth()));
    }

    /**
     * Tells the programs apart that the process of a SAMPLE or an EXEC has run, and processes that
     * had its number before.
     */
    public long image() {
        if (kind() == EventKind.EXEC) {
            return buffer.getLong(at(RecordDescriptor.EXEC_IMAGE));
        }
        return buffer.getLong(at(EventKind.SAMPLE, RecordDescriptor.IMAGE));
    }

    /** Generation of the mappings by which a SAMPLE was walked; 0 if there were none. */
    public long mappingsGeneration() {
        return buffer.getLong(at(EventKind.SAMPLE, RecordDescriptor.GENERATION));
    }

    /** Whether a SAMPLE has a copy of its stack, so that its walk can go on when more is known. */
    public boolean canGoOn() {
        return buffer.getInt(at(EventKind.SAMPLE, RecordDescriptor.STACK_BYTES)) > 0;
    }

    /** Where the walk of a SAMPLE that {@link #canGoOn} stopped: at a frame not told of yet. */
    public long stoppedAddress() {
        return buffer.getLong(stateAt(RecordDescriptor.STATE_PC));
    }

    /** Whether that is where the thread was itself, not a return address. */
    public boolean stoppedExactly() {
        return (buffer.getInt(stateAt(RecordDescriptor.STATE_FLAGS)) & 1) != 0;
    }

    private int stateAt(int offset) {
        if (!canGoOn()) {
            throw new IllegalStateException("the walk of this SAMPLE has ended");
        }
        return record
                + RecordDescriptor.ADDRESSES
                + (kernelDepth() + userDepth()) * Long.BYTES
                + offset;
    }

    /** Bytes of the record. */
    public int recordBytes() {
        return end - at(0);
    }

    /** Copies the whole record, to be read by another reader later. */
    public void copyRecord(ByteBuffer target, int position) {
        target.put(position, buffer, at(0), end - record);
    }

    private long address(int slot) {
        return buffer.getLong(record + RecordDescriptor.ADDRESSES + slot * Long.BYTES);
    }

    /** Why the user stack of a SAMPLE ends where it does. */
    public UserStackEnd userStackEnd() {
        return UserStackEnd.of(buffer.getInt(at(EventKind.SAMPLE, RecordDescriptor.USER_END)));
    }

    /** Whether a SAMPLE had more kernel frames than the kernel gives. */
    public boolean kernelTruncated() {
        return at(EventKind.SAMPLE, 0) >= 0 && flag(RecordDescriptor.FLAG_KERNEL_TRUNCATED);
    }

    /** Whether a SAMPLE is inside a system call: then the first user address is past its caller. */
    public boolean userInSystemCall() {
        return at(EventKind.SAMPLE, 0) >= 0 && flag(RecordDescriptor.FLAG_USER_IN_SYSCALL);
    }

    /** Process id of the process that called fork. */
    public int parentPid() {
        return buffer.getInt(at(EventKind.FORK, RecordDescriptor.PARENT_PID));
    }

    /** First address of an MMAP. */
    public long start() {
        return buffer.getLong(at(EventKind.MMAP, RecordDescriptor.MMAP_START));
    }

    /** First address past an MMAP. */
    public long end() {
        return buffer.getLong(at(EventKind.MMAP, RecordDescriptor.MMAP_END));
    }

    /** Where in the file an MMAP starts, bytes. */
    public long fileOffset() {
        return buffer.getLong(at(EventKind.MMAP, RecordDescriptor.MMAP_FILE_OFFSET));
    }

    /** Device of the mapped file: major number in the upper 32 bits, minor in the lower. */
    public long device() {
        return buffer.getLong(at(EventKind.MMAP, RecordDescriptor.MMAP_DEVICE));
    }

    /** Inode of the mapped file; 0 for memory without a file. */
    public long inode() {
        return buffer.getLong(at(EventKind.MMAP, RecordDescriptor.MMAP_INODE));
    }

    /** Protection bits of an MMAP, as mmap(2) has them. */
    public int protection() {
        return buffer.getInt(at(EventKind.MMAP, RecordDescriptor.MMAP_PROTECTION));
    }

    /**
     * Path of an MMAP as the process sees it ({@code //anon} and {@code [vdso]} among them), or the
     * file name that was given to an EXEC.
     */
    public String path() {
        if (kind() == EventKind.EXEC) {
            return text(
                    at(RecordDescriptor.EXEC_PATH),
                    buffer.getInt(at(RecordDescriptor.EXEC_PATH_BYTES)));
        }
        return text(
                at(EventKind.MMAP, RecordDescriptor.MMAP_PATH),
                buffer.getInt(at(RecordDescriptor.MMAP_PATH_BYTES)));
    }

    /**
     * Copies those variables of an EXEC's environment that name a service ({@code
     * OTEL_SERVICE_NAME}, {@code OTEL_RESOURCE_ATTRIBUTES}, {@code HOSTNAME}, {@code
     * FLAREPATH_PROFILE}), as {@code /proc/PID/environ} has them: each ended by a NUL byte.
     *
     * @param into at least {@link #ENVIRONMENT_BYTES} long
     * @return number of bytes; -1 where the environment could not be read to its end
     */
    public int environment(byte[] into) {
        int from = at(EventKind.EXEC, RecordDescriptor.EXEC_ENVIRONMENT);
        if (!flag(RecordDescriptor.FLAG_ENVIRONMENT)) {
            return -1;
        }
        int length = 0;
        for (; from < end; from += RecordDescriptor.ENVIRONMENT_ENTRY_BYTES) {
            int i = 0;
            while (i < RecordDescriptor.ENVIRONMENT_ENTRY_BYTES && buffer.get(from + i) != 0) {
                into[length++] = buffer.get(from + i++);
            }
            if (i > 0) {
                into[length++] = 0;
            }
        }
        return length;
    }

    /** Whether {@link #path} is only the beginning. */
    public boolean pathTruncated() {
        return flag(RecordDescriptor.FLAG_PATH_TRUNCATED);
    }

    private String text(int start, int length) {
        buffer.get(start, text, 0, length);
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }
}
