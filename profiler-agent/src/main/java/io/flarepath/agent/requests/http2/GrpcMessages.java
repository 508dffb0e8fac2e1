package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.stream.ByteView;

/**
 * Counts the messages in the data of one direction of a gRPC call: each has a flag and its length
 * in front (grpc/doc/PROTOCOL-HTTP2.md). More than one way makes it a stream. Of a message whose
 * front is missing the end is not known: that it is there counts, and what comes after does not.
 */
final class GrpcMessages {
    private static final int PREFIX = 5;

    private int prefixBytes;
    private long length;
    private long left;
    private int count;
    private boolean lost;

    /** Whether where messages begin is not known any more. */
    boolean isLost() {
        return lost;
    }

    /** A part of the next prefix, at least, is missing. */
    void lose() {
        count++;
        lost = true;
    }

    /** How many of the next bytes go together, of those that are left in the frame. */
    long piece(long inFrame) {
        return Math.min(inFrame, left > 0 ? left : PREFIX - prefixBytes);
    }

    /** Whether the next piece has to be seen. */
    boolean isPrefix() {
        return left == 0;
    }

    /** A piece of a message has gone by. */
    void pass(long piece) {
        left -= piece;
    }

    /** The piece has come; it is in the view if it is part of a prefix. */
    void take(ByteView view, long piece) {
        if (left > 0) {
            pass(piece);
            return;
        }
        for (int i = 0; i < piece; i++) {
            if (prefixBytes++ > 0) {
                length = length << 8 | view.u8(i);
            }
        }
        if (prefixBytes == PREFIX) {
            count++;
            left = length;
            prefixBytes = 0;
            length = 0;
        }
    }

    int count() {
        return count;
    }
}
