package io.flarepath.bpf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Places in the records of {@code edge.h}, and what its numbers mean. */
final class EdgeRecord {
    static final int MOST_EDGES = 8192;
    static final int MOST_EVENTS = 16384;
    static final int EDGE_BYTES = 120;
    static final int PID = 0;
    static final int ROLE = 4;
    static final int KIND = 5;
    static final int PORT = 6;
    static final int PEER = 8;
    static final int LOCAL = 24;
    static final int SUMS_AT = 40;
    static final int SUMS = 10;
    static final int EVENT_BYTES = 64;
    static final int EVENT_KIND = 40;
    static final int EVENT_CODE = 42;
    static final int EVENT_COUNT = 48;
    static final int EVENT_SUM = 56;
    static final int CLIENT = 1;
    static final int SERVER = 2;
    static final int UDP = 1;
    static final int OVERFLOW = 128;
    static final int GIVEN_UP = 0xfffe;
    static final int NO_ERRNO = 0xffff;
    static final int BUCKET_BITS = 4;

    private EdgeRecord() {}

    /** All of it, in the order of the native function of that name. */
    static long[] layout() {
        return new long[] {
            MOST_EDGES,
            MOST_EVENTS,
            EDGE_BYTES,
            PID,
            ROLE,
            KIND,
            PORT,
            PEER,
            LOCAL,
            SUMS_AT,
            SUMS,
            EVENT_BYTES,
            EVENT_KIND,
            EVENT_CODE,
            EVENT_COUNT,
            EVENT_SUM,
            CLIENT,
            SERVER,
            UDP,
            OVERFLOW,
            EdgeEvent.Kind.CONNECT_TIME.number(),
            EdgeEvent.Kind.ROUND_TRIP.number(),
            EdgeEvent.Kind.CONNECT_FAILURE.number(),
            EdgeEvent.Kind.RESET_SENT.number(),
            EdgeEvent.Kind.RESET_RECEIVED.number(),
            EdgeEvent.Kind.DROP.number(),
            GIVEN_UP,
            NO_ERRNO,
            BUCKET_BITS,
        };
    }

    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static NetworkEdge edge(ByteBuffer from, int at) {
        int kind = from.get(at + KIND) & 0xff;
        return new NetworkEdge(
                from.getInt(at + PID),
                from.get(at + ROLE) == CLIENT,
                from.get(at + ROLE) == SERVER,
                (kind & ~OVERFLOW) == UDP,
                (kind & OVERFLOW) != 0,
                from.getShort(at + PORT) & 0xffff,
                address(from, at + PEER),
                address(from, at + LOCAL));
    }

    /** As text; empty when there is none, or it stands for all that the machine has. */
    private static String address(ByteBuffer from, int at) {
        byte[] bytes = new byte[16];
        from.get(at, bytes);
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            return address.isAnyLocalAddress() ? "" : address.getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    /** The middle of a bucket, in nanoseconds. */
    static double middle(int code) {
        if (code < 1 << BUCKET_BITS) {
            return code;
        }
        int exponent = code >> BUCKET_BITS;
        int fraction = code & ((1 << BUCKET_BITS) - 1);
        return Math.scalb((1 << BUCKET_BITS) + fraction + 0.5, exponent - BUCKET_BITS);
    }
}
