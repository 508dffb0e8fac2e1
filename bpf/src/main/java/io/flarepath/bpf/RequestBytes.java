package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What processes say over TCP, as they say it: the first bytes of each message, and when a
 * connection ends. Nothing is changed on the way, and a connection of which nothing is to be read
 * can be left alone. No system call costs more, unless the kernel is too old for that ({@link
 * #bySystemCalls}). Safe for several threads, of which one at a time drains.
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
     * @param wanted parts; those that this kernel refuses are left out ({@link #missing})
     * @throws BpfException when the kernel refuses all that could be told of; its message names the
     *     cure
     * @throws UnsupportedOperationException on another system than Linux on x86-64
     */
    public static RequestBytes open(int ringBytes, int excludedPid, Set<RequestPart> wanted) {
        return open(ringBytes, excludedPid, wanted, false);
    }

    /**
     * The same, but what goes over TCP is seen by system calls even where the kernel's own send and
     * receive can be looked into. That is what kernels before 6.16 have; it sees less and costs
     * more, and is of use to try it.
     */
    public static RequestBytes openBySystemCalls(
            int ringBytes, int excludedPid, Set<RequestPart> wanted) {
        return open(ringBytes, excludedPid, wanted, true);
    }

    private static RequestBytes open(
            int ringBytes, int excludedPid, Set<RequestPart> wanted, boolean bySystemCalls) {
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < 65_536 || ringBytes > 1 << 30) {
            throw new IllegalArgumentException(
                    "ringBytes must be a power of two from 64 KiB to 1 GiB, is " + ringBytes);
        }
        if (wanted.isEmpty()
                || (wanted.contains(RequestPart.TLS) && !wanted.contains(RequestPart.STREAMS))) {
            throw new IllegalArgumentException(
                    "wanted are " + wanted + ": at least one, and TLS only with STREAMS");
        }
        NativeLibrary.load();
        int bits = wanted.stream().mapToInt(part -> 1 << part.number()).sum();
        return new RequestBytes(RequestNatives.open(ringBytes, excludedPid, bits, bySystemCalls));
    }

    /** Whether a part is told of. */
    public boolean has(RequestPart part) {
        return handle.use(open -> (RequestNatives.parts(open) & 1 << part.number()) != 0);
    }

    /**
     * Whether what goes over TCP is seen by system calls: then not what goes by {@code io_uring},
     * nor what programs of 32 bits say.
     */
    public boolean bySystemCalls() {
        return handle.use(RequestNatives::bySystemCalls);
    }

    /**
     * Why it is {@linkplain #bySystemCalls by system calls}: a line, and what the kernel said of
     * the programs, if that is known. Empty if it is not, or was asked for.
     */
    public String whyBySystemCalls() {
        return handle.use(RequestNatives::whyBySystemCalls).strip();
    }

    /** Why parts that were wanted are not told of. */
    public Map<RequestPart, String> missing() {
        Map<RequestPart, String> missing = new EnumMap<>(RequestPart.class);
        for (RequestPart part : RequestPart.values()) {
            String why = handle.use(open -> RequestNatives.missing(open, part.number()));
            if (!why.isEmpty() && !has(part)) {
                missing.put(part, why);
            }
        }
        return missing;
    }

    /**
     * Has what processes say through OpenSSL told of in clear text, where they have this file
     * mapped, or will.
     *
     * @param file that holds OpenSSL's functions; may be closed after this
     * @param places where each begins in the file; other offsets than beginnings of functions break
     *     the programs that run them
     * @return number for {@link #unprobe}
     * @throws BpfException when the kernel refuses, or there are too many files
     */
    public int probe(FileReference file, Map<Long, TlsFunction> places) {
        long[] offsets = new long[places.size()];
        long[] functions = new long[places.size()];
        int count = 0;
        for (Map.Entry<Long, TlsFunction> place : places.entrySet()) {
            offsets[count] = place.getKey();
            functions[count++] = place.getValue().number();
        }
        return handle.use(
                open -> RequestNatives.probeTls(open, file.descriptor(), offsets, functions));
    }

    /** Leaves a file alone again. */
    public void unprobe(int number) {
        handle.use(open -> {
            RequestNatives.unprobeTls(open, number);
            return true;
        });
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
     * @param clear whether that means what TLS carries; else the bytes of the socket
     */
    public void ignore(long socket, boolean clear) {
        handle.use(open -> {
            RequestNatives.ignore(open, socket, clear);
            return true;
        });
    }

    /**
     * A connection speaks HTTP/2: from now on its frames are told of wherever they lie in what one
     * call sends or reads, once the place in the stream is found. One that was opened while this
     * looks on is known to without that.
     *
     * @param socket cookie of its socket
     * @param clear whether that means what TLS carries; else the bytes of the socket
     */
    public void speaksHttp2(long socket, boolean clear) {
        handle.use(open -> {
            RequestNatives.speaksHttp2(open, socket, clear);
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
