package io.flarepath.bpf;

import java.nio.ByteBuffer;

/** Checks that a record keeps within its own size, and its size within the buffer. */
final class RecordCheck {
    private RecordCheck() {}

    static void header(ByteBuffer buffer, int start, int limit) {
        int left = limit - start;
        if (left < RecordDescriptor.HEADER_BYTES) {
            throw new MalformedRecordException(
                    "a record has at least "
                            + RecordDescriptor.HEADER_BYTES
                            + " bytes, but "
                            + left
                            + " are left at "
                            + start);
        }
        int size = buffer.getInt(start + RecordDescriptor.SIZE);
        if (size < RecordDescriptor.HEADER_BYTES
                || size > Math.min(left, RecordDescriptor.RECORD_BYTES_MAX)
                || size % Long.BYTES != 0) {
            throw new MalformedRecordException(
                    "size of the record at "
                            + start
                            + " must be a multiple of 8 between "
                            + RecordDescriptor.HEADER_BYTES
                            + " and "
                            + Math.min(left, RecordDescriptor.RECORD_BYTES_MAX)
                            + ", is "
                            + size);
        }
    }

    static void sample(ByteBuffer buffer, int start, int size) {
        atLeast("SAMPLE", size, RecordDescriptor.ADDRESSES);
        int kernel = Short.toUnsignedInt(buffer.getShort(start + RecordDescriptor.KERNEL_DEPTH));
        int user = Short.toUnsignedInt(buffer.getShort(start + RecordDescriptor.USER_DEPTH));
        if (kernel > RecordDescriptor.KERNEL_FRAMES_MAX
                || user > RecordDescriptor.USER_FRAMES_MAX) {
            throw new MalformedRecordException(
                    "a SAMPLE has at most "
                            + RecordDescriptor.KERNEL_FRAMES_MAX
                            + " + "
                            + RecordDescriptor.USER_FRAMES_MAX
                            + " frames, but says "
                            + kernel
                            + " + "
                            + user);
        }
        int stack = buffer.getInt(start + RecordDescriptor.STACK_BYTES);
        if (stack < 0 || stack > RecordDescriptor.STACK_COPY_BYTES) {
            throw new MalformedRecordException(
                    "a SAMPLE has at most "
                            + RecordDescriptor.STACK_COPY_BYTES
                            + " bytes of its stack, but says "
                            + stack);
        }
        int needed =
                RecordDescriptor.ADDRESSES
                        + (kernel + user) * Long.BYTES
                        + (stack == 0 ? 0 : RecordDescriptor.WALK_STATE_BYTES + stack);
        if (needed != size) {
            throw new MalformedRecordException(
                    "a SAMPLE with "
                            + kernel
                            + " + "
                            + user
                            + " frames and "
                            + stack
                            + " bytes of stack has "
                            + needed
                            + " bytes, but says "
                            + size);
        }
        UserStackEnd.of(buffer.getInt(start + RecordDescriptor.USER_END));
    }

    static void exec(ByteBuffer buffer, int start, int size) {
        int entries = RecordDescriptor.ENVIRONMENT_NAMES * RecordDescriptor.ENVIRONMENT_ENTRY_BYTES;
        int most = RecordDescriptor.EXEC_ENVIRONMENT + entries;
        if (size != RecordDescriptor.EXEC_ENVIRONMENT && size != most) {
            throw new MalformedRecordException(
                    "an EXEC has "
                            + RecordDescriptor.EXEC_ENVIRONMENT
                            + " or "
                            + most
                            + " bytes, but says "
                            + size);
        }
        path(
                buffer,
                start,
                RecordDescriptor.EXEC_ENVIRONMENT,
                RecordDescriptor.EXEC_PATH_BYTES,
                RecordDescriptor.EXEC_PATH);
    }

    static void path(ByteBuffer buffer, int start, int size, int lengthOffset, int pathOffset) {
        atLeast("record with a path", size, pathOffset);
        int length = buffer.getInt(start + lengthOffset);
        if (length < 0 || length > size - pathOffset) {
            throw new MalformedRecordException(
                    "length of a path must be 0 to " + (size - pathOffset) + ", is " + length);
        }
    }

    private static void atLeast(String what, int size, int minimum) {
        if (size < minimum) {
            throw new MalformedRecordException(
                    "a " + what + " has at least " + minimum + " bytes, but says " + size);
        }
    }
}
