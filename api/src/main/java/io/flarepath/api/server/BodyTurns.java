package io.flarepath.api.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Whose body is read next: in the order of the requests, and only so many bytes at once. What comes
 * faster than it is worked on waits in the sockets and not in the heap, where bodies that wait are
 * kept by one collection after the other. Safe for many threads.
 */
final class BodyTurns {
    private final long mostBytes;
    private final int mostWaiting;
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private long bytes;

    /**
     * Turns that nobody has.
     *
     * @param mostBytes of bodies whose turn it is
     * @param mostWaiting requests that wait before others are refused
     */
    BodyTurns(long mostBytes, int mostWaiting) {
        this.mostBytes = mostBytes;
        this.mostWaiting = mostWaiting;
    }

    /** The turn of one body: from when it may be read until it is given up. */
    final class Turn {
        private final long size;
        private final Runnable begin;
        private boolean begun;
        private boolean over;

        private Turn(long size, Runnable begin) {
            this.size = size;
            this.begin = begin;
        }

        /** Lets others read; does nothing the second time. */
        void giveUp() {
            next(this).forEach(turn -> turn.begin.run());
        }
    }

    /**
     * Asks for a turn.
     *
     * @param size bytes that the body will take
     * @param begin is run once when the turn has come: at once, or by whoever gives a turn up
     * @throws Overloaded when too many wait
     */
    Turn ask(long size, Runnable begin) {
        Turn turn = new Turn(size, begin);
        synchronized (this) {
            turn.begun = waiting.isEmpty() && hasRoom(size);
            if (turn.begun) {
                bytes += size;
            } else if (waiting.size() >= mostWaiting) {
                throw new Overloaded(
                        mostWaiting
                                + " requests wait already for their body to be read, which is the"
                                + " limit (setting limits.pending): try again later");
            } else {
                waiting.add(turn);
            }
        }
        if (turn.begun) {
            begin.run();
        }
        return turn;
    }

    /** One at least is read, however large it is. */
    private boolean hasRoom(long size) {
        return bytes == 0 || bytes + size <= mostBytes;
    }

    /** Ends a turn, and tells whose have come by that. */
    private synchronized List<Turn> next(Turn last) {
        List<Turn> come = new ArrayList<>();
        if (last.over) {
            return come;
        }
        last.over = true;
        if (last.begun) {
            bytes -= last.size;
        } else {
            waiting.remove(last);
        }
        for (Turn first = waiting.peek();
                first != null && hasRoom(first.size);
                first = waiting.peek()) {
            waiting.remove();
            first.begun = true;
            bytes += first.size;
            come.add(first);
        }
        return come;
    }

    /** How many wait for their turn. */
    synchronized int waiting() {
        return waiting.size();
    }
}
