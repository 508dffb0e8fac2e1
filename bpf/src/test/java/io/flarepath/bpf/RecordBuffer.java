package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes records as the native library does. */
final class RecordBuffer {
    final ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    private int begin(int kind, int size, int pid) {
        int start = bytes.position();
        bytes.putInt(size).putShort((short) kind).putShort((short) 0);
        bytes.putLong(1_000L + start).putInt(pid).putInt(pid + 1).putInt(3).putInt(pid - 1);
        bytes.putLong(77).put("worker".getBytes(StandardCharsets.US_ASCII)).put(new byte[10]);
        return start;
    }

    RecordBuffer sample(int pid, long[] kernel, long[] user, UserStackEnd end) {
        return sample(pid, kernel, user, end, 0);
    }

    /** A sample with so many bytes of its stack. */
    RecordBuffer sample(int pid, long[] kernel, long[] user, UserStackEnd end, int stackBytes) {
        int tail = stackBytes == 0 ? 0 : RecordDescriptor.WALK_STATE_BYTES + stackBytes;
        begin(
                RecordDescriptor.KIND_SAMPLE,
                RecordDescriptor.ADDRESSES + 8 * (kernel.length + user.length) + tail,
                pid);
        bytes.putShort((short) kernel.length).putShort((short) user.length).putInt(end.number());
        bytes.putLong(0x1234_5678_9abcL).putLong(7).putInt(stackBytes).putInt(0);
        for (long address : kernel) {
            bytes.putLong(address);
        }
        for (long address : user) {
            bytes.putLong(address);
        }
        bytes.put(new byte[tail]);
        return this;
    }

    RecordBuffer fork(int pid) {
        begin(RecordDescriptor.KIND_FORK, RecordDescriptor.HEADER_BYTES, pid);
        return this;
    }

    RecordBuffer exit(int pid) {
        begin(RecordDescriptor.KIND_EXIT, RecordDescriptor.HEADER_BYTES, pid);
        return this;
    }

    RecordBuffer exec(int pid, String path) {
        begin(RecordDescriptor.KIND_EXEC, RecordDescriptor.EXEC_PATH + 256, pid);
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        bytes.putLong(70 + pid);
        bytes.putInt(text.length).putInt(0).put(text).put(new byte[256 - text.length]);
        return this;
    }

    /** An EXEC whose environment was read to its end. */
    RecordBuffer exec(int pid, String path, List<String> entries) {
        int start = bytes.position();
        exec(pid, path);
        bytes.putShort(start + RecordDescriptor.FLAGS, (short) RecordDescriptor.FLAG_ENVIRONMENT);
        if (!entries.isEmpty()) {
            for (int i = 0; i < RecordDescriptor.ENVIRONMENT_NAMES; i++) {
                byte[] entry = new byte[RecordDescriptor.ENVIRONMENT_ENTRY_BYTES];
                byte[] text = i < entries.size() ? ascii(entries.get(i)) : new byte[0];
                System.arraycopy(text, 0, entry, 0, text.length);
                bytes.put(entry);
            }
            bytes.putInt(start, bytes.position() - start);
        }
        return this;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    RecordBuffer mmap(int pid, long start, long end, String path) {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) & ~7;
        begin(RecordDescriptor.KIND_MMAP, RecordDescriptor.MMAP_PATH + padded, pid);
        bytes.putLong(start).putLong(end).putLong(4096).putLong(8L << 32 | 1).putLong(99);
        bytes.putInt(5).putInt(text.length).put(text).put(new byte[padded - text.length]);
        return this;
    }

    EventReader reader() {
        return new EventReader().wrap(bytes, bytes.position());
    }
}
