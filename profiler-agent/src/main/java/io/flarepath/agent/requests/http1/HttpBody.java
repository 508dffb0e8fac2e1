package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/**
 * Where a body ends: passes over it by its length or by its chunks (RFC 9112, sections 6 and 7).
 */
final class HttpBody {
    private static final int LONGEST_LINE = 4096;

    private enum Part {
        NONE,
        PLAIN,
        CHUNK_SIZE,
        CHUNK,
        TRAILER
    }

    private Part part = Part.NONE;
    private long left;
    private long content;

    void none() {
        part = Part.NONE;
    }

    void plain(long length) {
        part = length == 0 ? Part.NONE : Part.PLAIN;
        left = length;
    }

    void chunked() {
        part = Part.CHUNK_SIZE;
    }

    /** Whether a body, or what is left of one, comes next. */
    boolean isOpen() {
        return part != Part.NONE;
    }

    /** Bytes of content in the unit that was read last, without what marks the chunks. */
    long content() {
        return content;
    }

    /** As {@link StreamParser#parse}. */
    long parse(ByteView view) {
        content = 0;
        return switch (part) {
            case NONE -> StreamParser.MALFORMED;
            case PLAIN, CHUNK -> parseUnseen();
            case CHUNK_SIZE -> size(view);
            case TRAILER -> trailer(view);
        };
    }

    /** As {@link StreamParser#parseUnseen}: what is passed over need not be seen. */
    long parseUnseen() {
        content = 0;
        if (part == Part.PLAIN) {
            part = Part.NONE;
            content = left;
            return left;
        }
        if (part == Part.CHUNK) {
            part = Part.CHUNK_SIZE;
            content = left - 2;
            return left;
        }
        return StreamParser.NEED_MORE;
    }

    private long size(ByteView view) {
        int feed = view.indexOf('\n', 0);
        if (feed < 0) {
            return view.length() > LONGEST_LINE ? StreamParser.MALFORMED : StreamParser.NEED_MORE;
        }
        long size = 0;
        int digits = 0;
        while (digits < feed && Character.digit(view.u8(digits), 16) >= 0) {
            size = size << 4 | Character.digit(view.u8(digits), 16);
            if (++digits > 15) {
                return StreamParser.MALFORMED;
            }
        }
        if (digits == 0 || !endsSize(view.u8(digits))) {
            return StreamParser.MALFORMED;
        }
        if (size == 0) {
            part = Part.TRAILER;
        } else {
            // The chunk and the line end after it.
            part = Part.CHUNK;
            left = size + 2;
        }
        return feed + 1L;
    }

    private static boolean endsSize(int c) {
        return c == '\r' || c == '\n' || c == ';' || c == ' ' || c == '\t';
    }

    private long trailer(ByteView view) {
        int feed = view.indexOf('\n', 0);
        if (feed < 0) {
            return view.length() > LONGEST_LINE ? StreamParser.MALFORMED : StreamParser.NEED_MORE;
        }
        if (feed == 0 || (feed == 1 && view.u8(0) == '\r')) {
            part = Part.NONE;
        }
        return feed + 1L;
    }
}
