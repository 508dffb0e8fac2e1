package io.flarepath.agent.requests.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes messages as the kernel does: {@code bpf/src/main/c/message.h}. */
final class MessageRecords {
    private static final int HEAD_BYTES = 72;
    private static final short BYTES = 1;
    private static final int RECEIVED = 1;
    private static final int SERVER = 4;

    final ByteBuffer buffer;

    MessageRecords(int capacity) {
        buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A message of a server's connection from the peer 127.0.0.1. */
    MessageRecords message(long socket, boolean received, long position, long nanos, byte[] bytes) {
        int size = (HEAD_BYTES + bytes.length + 7) & ~7;
        int start = buffer.position();
        buffer.putInt(size).putShort(BYTES);
        buffer.putShort((short) (SERVER | (received ? RECEIVED : 0)));
        buffer.putLong(nanos).putLong(socket).putLong(position);
        buffer.putInt(bytes.length).putInt(bytes.length).putInt(4711).putInt(4712);
        buffer.putShort((short) 8080).putShort((short) (40_000 + socket)).putInt(0);
        buffer.put(new byte[] {127, 0, 0, 1}).putInt(0).putLong(0);
        buffer.put(bytes).position(start + size);
        return this;
    }
}
