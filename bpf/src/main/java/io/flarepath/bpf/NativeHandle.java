package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/**
 * Something open in the native library: used by several threads, of which one at a time drains, and
 * freed once, when no call is in it any more.
 */
final class NativeHandle implements AutoCloseable {
    private final long handle;
    private final String what;
    private final LongConsumer wake;
    private final LongConsumer free;
    // Held shared to use the handle, alone to free it.
    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
    private final ReentrantLock draining = new ReentrantLock();
    private volatile boolean closing;
    private boolean closed;

    /** Copies records into a direct buffer; bytes copied. */
    @FunctionalInterface
    interface Drain {
        int drain(long handle, ByteBuffer direct, int capacity, int timeoutMillis);
    }

    /**
     * @param what what it is called in messages
     * @param wake ends the wait of a drain
     * @param free lets go of the handle
     */
    NativeHandle(long handle, String what, LongConsumer wake, LongConsumer free) {
        this.handle = handle;
        this.what = what;
        this.wake = wake;
        this.free = free;
    }

    /**
     * Drains into a buffer that was checked.
     *
     * @param leastBytes what the buffer must hold at least
     * @throws IllegalStateException when closed, or while another thread drains
     */
    int drain(ByteBuffer direct, int leastBytes, int timeoutMillis, Drain call) {
        check(direct, leastBytes, timeoutMillis);
        Lock lock = use();
        try {
            if (!draining.tryLock()) {
                throw new IllegalStateException("another thread drains this " + what);
            }
            try {
                return call.drain(handle, direct, direct.capacity(), timeoutMillis);
            } finally {
                draining.unlock();
            }
        } finally {
            lock.unlock();
        }
    }

    private static void check(ByteBuffer direct, int leastBytes, int timeoutMillis) {
        if (!direct.isDirect() || direct.isReadOnly()) {
            throw new IllegalArgumentException("the buffer must be direct and writable");
        }
        if (direct.capacity() < leastBytes) {
            throw new IllegalArgumentException(
                    "the buffer must hold at least "
                            + leastBytes
                            + " bytes, holds "
                            + direct.capacity());
        }
        if (timeoutMillis < 0 || timeoutMillis > 60_000) {
            throw new IllegalArgumentException(
                    "timeoutMillis must be 0 to 60000, is " + timeoutMillis);
        }
    }

    /** Calls a function of the native library while the handle stays open. */
    <T> T use(LongFunction<T> call) {
        Lock lock = use();
        try {
            return call.apply(handle);
        } finally {
            lock.unlock();
        }
    }

    private Lock use() {
        Lock lock = lifetime.readLock();
        lock.lock();
        if (closing) {
            lock.unlock();
            throw new IllegalStateException("the " + what + " is closed");
        }
        return lock;
    }

    /** Frees it; ends the wait of a drain. Does nothing the second time. */
    @Override
    public void close() {
        Lock reading = lifetime.readLock();
        reading.lock();
        try {
            if (closed) {
                return;
            }
            closing = true;
            wake.accept(handle);
        } finally {
            reading.unlock();
        }
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                free.accept(handle);
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }
}
