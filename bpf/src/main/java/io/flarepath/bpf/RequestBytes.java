package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What processes say over TCP, as they say it: the first bytes of each message, and when a
 * connection ends. Nothing is changed on the way, no system call costs more, and a connection of
 * which nothing is to be read can be left alone. Safe for several threads, of which one at a time
 * drains.
 */
public final class RequestBytes implements AutoCloseable {
    /** A buffer for {@link #drain} must hold so much. */
    public static final int MIN_BUFFER_BYTES = 65_536;

    private final NativeHandle handle;

    private RequestBytes(long handle) {
        this.handle =
                new NativeHandle(
                        handle, "reader of requests", RequestNatives::wake, RequestNatives::close);
    }

    /**
     * Loads the programs and begins to look.
     *
     * @param ringBytes memory between kernel and reader: a power of two, 64 KiB to 1 GiB
     * @param excludedPid a process of which nothing is told: who reads this, if it sends what it
     *     reads; 0 for none
     * @throws BpfException when the kernel refuses; its message names the cure
     * @throws UnsupportedOperationException on another system than Linux on x86-64
     */
    public static RequestBytes open(int ringBytes, int excludedPid) {
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < 65_536 || ringBytes > 1 << 30) {
            throw new IllegalArgumentException(
                    "ringBytes must be a power of two from 64 KiB to 1 GiB, is " + ringBytes);
        }
        NativeLibrary.load();
        return new RequestBytes(RequestNatives.open(ringBytes, excludedPid));
    }

    /**
     * Waits until the time is over or a fourth of the ring is full; then copies whole records.
     *
     * @param direct a direct buffer of at least {@link #MIN_BUFFER_BYTES}; its position and limit
     *     do not matter
     * @param timeoutMillis 0 to 60,000
     * @return bytes copied to the buffer from its index 0, for {@link MessageReader#wrap}; possibly
     *     0
     * @throws IllegalStateException when closed, or while another thread drains
     */
    public int drain(ByteBuffer direct, int timeoutMillis) {
        return handle.drain(direct, MIN_BUFFER_BYTES, timeoutMillis, RequestNatives::drain);
    }

    /**
     * Leaves a connection alone: nothing more is told of it but its end. Of very many that are not
     * used again before, some may be told of once more.
     *
     * @param socket cookie of its socket
     */
    public void ignore(long socket) {
        handle.use(open -> {
            RequestNatives.ignore(open, socket);
            return true;
        });
    }

    /**
     * How much is told from now on; all of it at first. For one thread at a time.
     *
     * @param mostBytes of a message that are copied, 0 to {@link MessageReader#MOST_CAPTURED}
     * @param oneIn of so many connections one is told of, always the same while this stays the
     *     same; of none if it is 0
     * @param attached whether the programs are in the kernel's way at all
     * @throws BpfException when they cannot be attached again
     */
    public void tell(int mostBytes, int oneIn, boolean attached) {
        if (mostBytes < 0 || mostBytes > MessageReader.MOST_CAPTURED || oneIn < 0) {
            throw new IllegalArgumentException(
                    mostBytes + " bytes of a message of 1 in " + oneIn + " connections");
        }
        handle.use(open -> {
            RequestNatives.tell(open, mostBytes, oneIn, attached);
            return true;
        });
    }

    /** What the kernel has counted of each of the programs. */
    public List<ProgramTime> times() {
        return handle.use(open -> ProgramTime.parse(RequestNatives.times(open)));
    }

    /** What was counted so far. */
    public MessageCounters counters() {
        return handle.use(open -> MessageCounters.of(RequestNatives.counters(open)));
    }

    /** Detaches everything and frees it; ends the wait of a drain. Does nothing the second time. */
    @Override
    public void close() {
        handle.close();
    }
}
