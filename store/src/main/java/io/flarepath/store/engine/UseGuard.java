package io.flarepath.store.engine;

import io.flarepath.store.StoreException;
import java.util.concurrent.TimeUnit;

/** Counts the users of a native handle, so that it is never freed under one of them. */
final class UseGuard {
    private int users;
    private boolean closed;

    /** One more user; refused once closing has begun. */
    synchronized void enter() {
        if (closed) {
            throw new StoreException(StoreException.Reason.CLOSED, "the store has been closed");
        }
        users++;
    }

    /** How many users there are. */
    synchronized int users() {
        return users;
    }

    /** A user is done. */
    synchronized void exit() {
        users--;
        if (users == 0) {
            notifyAll();
        }
    }

    /**
     * Does a task in a moment without users; newcomers wait until it is done. Until there is such a
     * moment nobody is kept out: a user may have to enter once more in order to come to an end.
     *
     * @return false when there was no such moment within the time, or the guard is closed
     */
    synchronized boolean alone(long withinMillis, Runnable task) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMillis);
        while (users > 0 && !closed) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                return false;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        if (closed) {
            return false;
        }
        task.run();
        return true;
    }

    /** Lets nobody in any more and waits for the users; false when it had been closed before. */
    synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        boolean interrupted = false;
        while (users > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                // To free the handle under a user would crash the process: finish, then tell.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return true;
    }
}
