package io.flarepath.bpf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Reads the records that {@link RequestBytes#drain} put into a buffer, one after the other, without
 * an object for each. Accessors speak of the record at which {@link #next} stopped. The layout is
 * that of {@code bpf/src/main/c/message.h}.
 *
 * <p>Nothing in the buffer is trusted: {@code next} checks the whole record before it is read, and
 * throws {@link MalformedRecordException} where it breaks a rule. Not safe for several threads.
 */
public final class MessageReader {
    /** Bytes of a message that are captured at most. */
    public static final int MOST_CAPTURED = 16_384;

    static final int HEAD_BYTES = 72;
    static final int SIZE = 0;
    static final int KIND = 4;
    static final int FLAGS = 6;
    static final int TIME = 8;
    static final int SOCKET = 16;
    static final int POSITION = 24;
    static final int LENGTH = 32;
    static final int CAPTURED = 36;
    static final int PID = 40;
    static final int TID = 44;
    static final int LOCAL_PORT = 48;
    static final int PEER_PORT = 50;
    static final int PEER = 56;
    static final int KIND_BYTES = 1;
    static final int KIND_CLOSED = 2;
    static final int FLAG_RECEIVED = 1;
    static final int FLAG_CLIENT = 2;
    static final int FLAG_SERVER = 4;
    static final int FLAG_IPV6 = 8;
    static final int FLAG_UDP = 16;
    static final int FLAG_CLEAR = 32;

    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private ByteBuffer buffer = NONE;
    private int limit;
    private int record = -1;
    private int end;

    /** Reads nothing yet. */
    public MessageReader() {}

    /** What the C side is compiled with must be the same. */
    static long[] layout() {
        return new long[] {
            HEAD_BYTES,
            SIZE,
            KIND,
            FLAGS,
            TIME,
            SOCKET,
            POSITION,
            LENGTH,
            CAPTURED,
            PID,
            TID,
            LOCAL_PORT,
            PEER_PORT,
            PEER,
            MOST_CAPTURED,
            KIND_BYTES,
            KIND_CLOSED,
            FLAG_RECEIVED,
            FLAG_CLIENT,
            FLAG_SERVER,
            FLAG_IPV6,
            FLAG_UDP,
            FLAG_CLEAR
        };
    }

    /**
     * Starts over at the first record of a buffer.
     *
     * @param drained the buffer that was given to drain; its position and limit do not matter
     * @param bytes what drain returned
     */
    public MessageReader wrap(ByteBuffer drained, int bytes) {
        Objects.checkFromIndexSize(0, bytes, drained.capacity());
        buffer = drained.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
        limit = bytes;
        record = -1;
        end = 0;
        return this;
    }

    /** Goes to the next record; false when there is none. */
    public boolean next() {
        record = -1;
        if (end == limit) {
            return false;
        }
        int left = limit - end;
        int size = left < HEAD_BYTES ? -1 : buffer.getInt(end + SIZE);
        if (size < HEAD_BYTES || size > left || size % Long.BYTES != 0) {
            throw new MalformedRecordException(
                    "a message of " + size + " bytes at " + end + ", where " + left + " are left");
        }
        int kind = buffer.getShort(end + KIND);
        int captured = buffer.getInt(end + CAPTURED);
        int length = buffer.getInt(end + LENGTH);
        if ((kind != KIND_BYTES && kind != KIND_CLOSED)
                || captured < 0
                || captured > Math.min(size - HEAD_BYTES, MOST_CAPTURED)
                || length < captured
                || buffer.getLong(end + POSITION) < 0
                || buffer.getLong(end + POSITION) > Long.MAX_VALUE - length) {
            throw new MalformedRecordException(
                    "a message of kind " + kind + ", " + length + " bytes, captured " + captured);
        }
        record = end;
        end += size;
        return true;
    }

    private int at(int offset) {
        if (record < 0) {
            throw new IllegalStateException("there is no current record: call next() first");
        }
        return record + offset;
    }

    private boolean flag(int flag) {
        return (buffer.getShort(at(FLAGS)) & flag) != 0;
    }

    /** Whether the connection was closed; there are no bytes then, and no direction. */
    public boolean isClosed() {
        return buffer.getShort(at(KIND)) == KIND_CLOSED;
    }

    /** Whether the bytes came from the peer; else they went to it. */
    public boolean isReceived() {
        return flag(FLAG_RECEIVED);
    }

    /** Whether it is known that the process opened the connection. */
    public boolean isClient() {
        return flag(FLAG_CLIENT);
    }

    /** Whether it is known that the process was connected to. */
    public boolean isServer() {
        return flag(FLAG_SERVER);
    }

    /** Whether it is a datagram: then its position has no meaning. */
    public boolean isDatagram() {
        return flag(FLAG_UDP);
    }

    /** Whether TLS carries it: then its position is that in what TLS carries. */
    public boolean isClear() {
        return flag(FLAG_CLEAR);
    }

    /** When it happened: CLOCK_MONOTONIC, nanoseconds. */
    public long timeNanos() {
        return buffer.getLong(at(TIME));
    }

    /** The kernel's cookie of the socket, or a number that no other socket has. */
    public long socket() {
        return buffer.getLong(at(SOCKET));
    }

    /** Bytes of this direction that went before, since the connection was opened. */
    public long position() {
        return buffer.getLong(at(POSITION));
    }

    /** Bytes that went by. */
    public int length() {
        return buffer.getInt(at(LENGTH));
    }

    /** How many of them were captured. */
    public int captured() {
        return buffer.getInt(at(CAPTURED));
    }

    /** Copies the captured bytes to the beginning of an array, which must hold as many. */
    public void bytes(byte[] into) {
        buffer.get(at(HEAD_BYTES), into, 0, captured());
    }

    /** Process that used the socket first. */
    public int pid() {
        return buffer.getInt(at(PID));
    }

    /** Thread that sent or received, 0 of a closed connection. */
    public int tid() {
        return buffer.getInt(at(TID));
    }

    /** Port of the process. */
    public int localPort() {
        return Short.toUnsignedInt(buffer.getShort(at(LOCAL_PORT)));
    }

    /** Port of the other end. */
    public int peerPort() {
        return Short.toUnsignedInt(buffer.getShort(at(PEER_PORT)));
    }

    /** Address of the other end; an IPv4 address inside IPv6 is given as IPv4. */
    public String peerAddress() {
        byte[] address = new byte[flag(FLAG_IPV6) ? 16 : 4];
        buffer.get(at(PEER), address);
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
