package io.flarepath.agent.requests.stream;

import java.util.Arrays;

/** The bytes of a stream that were captured last, without a gap, as far as they fit in. */
final class LatestBytes {
    /** An error of a database, with what it says of its cause. */
    private static final int MOST = 1024;

    private byte[] bytes = new byte[0];
    private int count;

    /** Position after the last one. */
    private long end;

    /** Adds what was captured of a segment. */
    void add(Segment segment) {
        int taken = Math.min(MOST, segment.captured());
        int kept = segment.position() == end ? Math.min(count, MOST - taken) : 0;
        if (bytes.length < kept + taken) {
            bytes = Arrays.copyOf(bytes, MOST);
        }
        System.arraycopy(bytes, count - kept, bytes, 0, kept);
        int from = segment.offset() + segment.captured() - taken;
        System.arraycopy(segment.bytes(), from, bytes, kept, taken);
        count = kept + taken;
        end = segment.position() + segment.captured();
    }

    /** Shows those before a position: none, if the last of them was not captured. */
    void show(ByteView view, long position, long nanos, int thread) {
        view.set(bytes, 0, position == end ? count : 0, true, nanos, thread);
    }

    /** How many bytes it takes. */
    int heldBytes() {
        return bytes.length;
    }

    /** Forgets them. */
    void clear() {
        bytes = new byte[0];
        count = 0;
        end = 0;
    }
}
