package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Code;
import io.flarepath.api.ingest.upload.PooledText;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import org.jspecify.annotations.Nullable;

/**
 * Frames with a name that came lately: the store finds one that it has seen before at once. Of
 * fixed size, a new frame pushes an old one out. Safe for many threads, which at worst do not see
 * each other's.
 */
final class FramePool {
    private static final int PLACES = 1 << 16;

    private final @Nullable Frame[] frames = new @Nullable Frame[PLACES];

    /** The frame without an address that says all this, or null. */
    @Nullable Frame find(
            PooledText name,
            String file,
            int line,
            Code code,
            FrameKind kind,
            boolean inlined,
            long startLine) {
        String function = name.text();
        Frame last = name.frame();
        if (last != null && says(last, function, file, line, code, kind, inlined, startLine)) {
            return last;
        }
        int place = place(function, file, line);
        Frame first = frames[place];
        if (first != null && says(first, function, file, line, code, kind, inlined, startLine)) {
            return first;
        }
        Frame second = frames[place ^ 1];
        if (second != null && says(second, function, file, line, code, kind, inlined, startLine)) {
            return second;
        }
        return null;
    }

    private static boolean says(
            Frame frame,
            String name,
            String file,
            int line,
            Code code,
            FrameKind kind,
            boolean inlined,
            long startLine) {
        return frame.line() == line
                && frame.startLine() == Frame.knownLine(startLine)
                && frame.kind() == kind
                && frame.inlined() == inlined
                && frame.function().equals(name)
                && frame.file().equals(file)
                && frame.mapping().equals(code.file())
                && frame.buildId().equals(code.buildId());
    }

    /** Keeps a frame without an address that was not found. */
    void put(PooledText name, Frame frame) {
        name.keep(frame);
        int place = place(frame.function(), frame.file(), frame.line());
        frames[place ^ 1] = frames[place];
        frames[place] = frame;
    }

    private static int place(String name, String file, int line) {
        int hash = (name.hashCode() * 31 + file.hashCode()) * 31 + line;
        return (hash * 0x9E3779B9) >>> 16 & (PLACES - 1);
    }
}
