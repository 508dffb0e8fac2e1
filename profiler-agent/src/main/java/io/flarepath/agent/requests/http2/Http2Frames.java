package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one direction: blocks of fields are put together and decoded, data is passed
 * over, except for the lengths of gRPC's messages.
 */
abstract class Http2Frames implements StreamParser {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int HEADER = 9;
    private static final int LONGEST_BLOCK = 32 << 10;
    private static final int LONGEST_FRAME = 1 << 24;
    private static final int USUAL_FRAME = 16384;

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PRIORITY = 2;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PUSH_PROMISE = 5;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int PADDED = 0x8;
    private static final int PRIORITIZED = 0x20;

    final Http2Calls calls;
    final HpackDecoder decoder;
    private boolean preface;

    private byte[] block = new byte[0];
    private int blockLength;
    private boolean inBlock;
    private boolean blockBroken;
    private boolean blockEnds;
    private boolean promised;
    private int blockStream;
    private long blockNanos;
    private int blockThread;

    private long dataLeft;
    private @Nullable GrpcMessages dataMessages;
    private int dataStream;
    private boolean dataEnds;
    private int endedStream;
    private int resetStream;

    Http2Frames(Http2Calls calls, boolean preface, boolean fromStart) {
        this.calls = calls;
        this.preface = preface;
        decoder = new HpackDecoder(fromStart);
    }

    /** A block of fields is complete, or what there is of it. */
    abstract void fields(
            int stream, byte[] block, int length, boolean whole, long nanos, int thread);

    /** Bytes of data went by. */
    abstract void data(int stream, long bytes);

    /** Where the messages of the stream's data are counted, or null if they are not. */
    abstract @Nullable GrpcMessages messages(int stream);

    /** This direction of the stream is over. */
    abstract void ended(int stream, long nanos, int thread);

    /** The stream was given up by this side. */
    abstract void reset(int stream, long nanos, int thread);

    /** Nothing of what went before is known. */
    abstract void gap();

    @Override
    public long parse(ByteView view) {
        if (preface) {
            return preface(view);
        }
        if (dataLeft > 0) {
            return dataPiece(view);
        }
        if (view.length() < HEADER) {
            return NEED_MORE;
        }
        int length = view.u24(0);
        int type = view.u8(3);
        int flags = view.u8(4);
        int stream = view.i32(5) & 0x7FFFFFFF;
        if (length >= LONGEST_FRAME
                || (inBlock && (type != CONTINUATION || stream != blockStream))) {
            return MALFORMED;
        }
        long unit = (long) HEADER + length;
        return switch (type) {
            case DATA -> data(length, flags, stream);
            case HEADERS, PUSH_PROMISE, CONTINUATION ->
                    headers(view, type, length, flags, stream, unit);
            case RST_STREAM -> {
                resetStream = stream;
                yield length == 4 ? unit : MALFORMED;
            }
            default -> isSound(type, length, stream) ? unit : MALFORMED;
        };
    }

    private long preface(ByteView view) {
        int length = Math.min(view.length(), PREFACE.length());
        if (!view.hasAscii(0, PREFACE.substring(0, length))) {
            return MALFORMED;
        }
        if (length < PREFACE.length()) {
            return NEED_MORE;
        }
        preface = false;
        return length;
    }

    private long data(int length, int flags, int stream) {
        if (stream == 0) {
            return MALFORMED;
        }
        data(stream, length);
        dataStream = stream;
        dataEnds = (flags & END_STREAM) != 0;
        dataMessages = (flags & PADDED) == 0 && length > 0 ? messages(stream) : null;
        if (dataMessages != null) {
            dataLeft = length;
            return HEADER;
        }
        endedStream = dataEnds ? stream : 0;
        return (long) HEADER + length;
    }

    private long dataPiece(ByteView view) {
        GrpcMessages messages = dataMessages;
        if (messages == null) {
            return MALFORMED;
        }
        long piece = messages.piece(dataLeft);
        if (messages.isPrefix() && view.length() < piece) {
            return view.isCut() ? parseUnseen() : NEED_MORE;
        }
        messages.take(view, piece);
        dataLeft -= piece;
        endedStream = dataLeft == 0 && dataEnds ? dataStream : 0;
        return piece;
    }

    /** Data of which its frame has told the length. */
    @Override
    public long parseUnseen() {
        long unseen = dataLeft;
        if (unseen > 0 && dataMessages != null) {
            GrpcMessages messages = dataMessages;
            long piece = messages.piece(unseen);
            if (messages.isPrefix()) {
                messages.lose();
            } else {
                messages.pass(piece);
                unseen = piece;
            }
            dataLeft -= unseen;
            endedStream = dataLeft == 0 && dataEnds ? dataStream : 0;
        }
        return unseen;
    }

    private long headers(ByteView view, int type, int length, int flags, int stream, long unit) {
        if (stream == 0 || (type == CONTINUATION) != inBlock) {
            return MALFORMED;
        }
        boolean tooLong = unit > USUAL_FRAME || blockLength + length > LONGEST_BLOCK;
        if (!tooLong && view.length() < unit && !view.isCut()) {
            return NEED_MORE;
        }
        int to = (int) Math.min(unit, view.length());
        int from = HEADER;
        if (!inBlock) {
            begin(view, type, flags, stream);
            int padding = 0;
            if ((flags & PADDED) != 0 && from < to) {
                padding = view.u8(from++);
            }
            if (type == HEADERS && (flags & PRIORITIZED) != 0) {
                from += 5;
            } else if (type == PUSH_PROMISE) {
                from += 4;
            }
            to = to == unit ? to - padding : to;
            if (from > to && !view.isCut()) {
                return MALFORMED;
            }
        }
        // What comes after a part that is missing would be read at the wrong place.
        if (!blockBroken && from < to) {
            int size = Math.min(to - from, LONGEST_BLOCK - blockLength);
            if (blockLength + size > block.length) {
                block = Arrays.copyOf(block, blockLength + size);
            }
            System.arraycopy(view.copy(from, from + size), 0, block, blockLength, size);
            blockLength += size;
        }
        blockBroken |= tooLong || view.length() < unit;
        inBlock = (flags & END_HEADERS) == 0;
        return unit;
    }

    private void begin(ByteView view, int type, int flags, int stream) {
        blockStream = stream;
        blockEnds = type == HEADERS && (flags & END_STREAM) != 0;
        promised = type == PUSH_PROMISE;
        blockLength = 0;
        blockBroken = false;
        blockNanos = view.nanos();
        blockThread = view.thread();
    }

    @Override
    public void passed(long nanos, int thread) {
        if (blockStream != 0 && !inBlock) {
            int stream = blockStream;
            blockStream = 0;
            boolean whole = !blockBroken;
            // A block of a push changes the table like any other.
            fields(promised ? 0 : stream, block, blockLength, whole, blockNanos, blockThread);
            if (block.length > 4096) {
                block = new byte[0];
            }
            if (blockEnds) {
                ended(stream, nanos, thread);
            }
        }
        if (endedStream != 0) {
            int stream = endedStream;
            endedStream = 0;
            ended(stream, nanos, thread);
        }
        if (resetStream != 0) {
            int stream = resetStream;
            resetStream = 0;
            reset(stream, nanos, thread);
        }
    }

    @Override
    public void lost() {
        preface = false;
        inBlock = false;
        blockStream = 0;
        dataLeft = 0;
        endedStream = 0;
        resetStream = 0;
        decoder.lost();
        gap();
    }

    /** A frame whose header can be true, and another one after it if that is in the segment. */
    @Override
    public boolean startsMessage(ByteView view) {
        return areFrames(view);
    }

    static boolean areFrames(ByteView view) {
        int at = 0;
        int frames = 0;
        while (view.length() - at >= HEADER) {
            if (!isFrame(view, at)) {
                return false;
            }
            frames++;
            long next = at + (long) HEADER + view.u24(at);
            if (next >= view.length()) {
                return next == view.length() || frames > 1 || view.u8(at + 3) <= HEADERS;
            }
            at = (int) next;
        }
        return frames > 0;
    }

    /** Who sends the first block of fields in some frames. */
    enum Side {
        CLIENT,
        SERVER,
        /** There is none, or it begins with what only those know who saw it before. */
        UNKNOWN
    }

    /**
     * Tells who sends frames by the first field of a block: names with a colon stand before all
     * others (RFC 9113, section 8.3), and are in the static table (RFC 7541, appendix A).
     */
    static Side side(ByteView view) {
        int at = 0;
        while (view.length() - at >= HEADER && view.u8(at + 3) != HEADERS) {
            long next = at + (long) HEADER + view.u24(at);
            at = (int) Math.min(next, view.length());
        }
        if (view.length() - at <= HEADER) {
            return Side.UNKNOWN;
        }
        int flags = view.u8(at + 4);
        int padding = (flags & PADDED) != 0 ? 1 : 0;
        int priority = (flags & PRIORITIZED) != 0 ? 5 : 0;
        int first = at + HEADER + padding + priority;
        int index = first < view.length() ? HpackDecoder.staticIndex(view.u8(first)) : 0;
        if (index == 0) {
            return Side.UNKNOWN;
        }
        String name = HpackStaticTable.name(index);
        if (name.equals(":status")) {
            return Side.SERVER;
        }
        return name.startsWith(":") ? Side.CLIENT : Side.UNKNOWN;
    }

    private static boolean isFrame(ByteView view, int at) {
        int length = view.u24(at);
        int type = view.u8(at + 3);
        int flags = view.u8(at + 4);
        int stream = view.i32(at + 5);
        boolean known =
                switch (type) {
                    case DATA -> (flags & ~(END_STREAM | PADDED)) == 0;
                    case HEADERS ->
                            (flags & ~(END_STREAM | END_HEADERS | PADDED | PRIORITIZED)) == 0
                                    && length > 0;
                    case SETTINGS, PING -> (flags & ~1) == 0;
                    case PRIORITY, RST_STREAM, GOAWAY, WINDOW_UPDATE -> flags == 0;
                    default -> false;
                };
        return known && stream >= 0 && length <= USUAL_FRAME && isSound(type, length, stream);
    }

    /** What a type of frame fixes of length and stream (RFC 9113, section 6); unknown ones pass. */
    private static boolean isSound(int type, int length, int stream) {
        return switch (type) {
            case DATA, HEADERS -> stream != 0;
            case PRIORITY -> stream != 0 && length == 5;
            case RST_STREAM -> stream != 0 && length == 4;
            case SETTINGS -> stream == 0 && length % 6 == 0;
            case PING -> stream == 0 && length == 8;
            case GOAWAY -> stream == 0 && length >= 8;
            case WINDOW_UPDATE -> length == 4;
            default -> true;
        };
    }

    @Override
    public int heldBytes() {
        return block.length + decoder.heldBytes();
    }
}
