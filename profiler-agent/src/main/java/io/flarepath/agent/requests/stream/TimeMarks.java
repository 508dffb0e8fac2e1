package io.flarepath.agent.requests.stream;

/** When the bytes of a stretch of a stream were seen, and by which thread. */
final class TimeMarks {
    /** More segments than this in one buffer: those after have the time of the newest. */
    private static final int MOST = 32;

    private final long[] starts = new long[MOST];
    private final long[] nanos = new long[MOST];
    private final int[] threads = new int[MOST];
    private int count;

    /** Bytes from this position on were seen then. Positions only grow. */
    void add(long position, long atNanos, int thread) {
        if (count > 0 && starts[count - 1] == position) {
            count--;
        }
        if (count == MOST) {
            nanos[MOST - 1] = atNanos;
            threads[MOST - 1] = thread;
            return;
        }
        starts[count] = position;
        nanos[count] = atNanos;
        threads[count++] = thread;
    }

    /** Forgets what is only needed for bytes before this position. */
    void dropBefore(long position) {
        int first = indexOf(position);
        if (first > 0) {
            count -= first;
            System.arraycopy(starts, first, starts, 0, count);
            System.arraycopy(nanos, first, nanos, 0, count);
            System.arraycopy(threads, first, threads, 0, count);
        }
    }

    long nanosAt(long position) {
        return nanos[indexOf(position)];
    }

    int threadAt(long position) {
        return threads[indexOf(position)];
    }

    private int indexOf(long position) {
        int index = 0;
        while (index + 1 < count && starts[index + 1] <= position) {
            index++;
        }
        return index;
    }
}
