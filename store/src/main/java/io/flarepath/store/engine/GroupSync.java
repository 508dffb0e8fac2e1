package io.flarepath.store.engine;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets callers that wait for stable storage at the same time share one flush of the disk. */
final class GroupSync {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition done = lock.newCondition();
    private final Runnable flush;
    private long asked;
    private long flushed;
    private boolean leading;

    GroupSync(Runnable flush) {
        this.flush = flush;
    }

    /** Returns when everything written before the call is stable; throws what the flush throws. */
    void await() {
        lock.lock();
        try {
            long mine = ++asked;
            while (flushed < mine) {
                if (leading) {
                    done.awaitUninterruptibly();
                } else {
                    lead();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void lead() {
        leading = true;
        long covers = asked;
        lock.unlock();
        boolean succeeded = false;
        try {
            flush.run();
            succeeded = true;
        } finally {
            lock.lock();
            leading = false;
            if (succeeded) {
                flushed = covers;
            }
            done.signalAll();
        }
    }
}
