package io.flarepath.api.ingest.upload;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import org.jspecify.annotations.Nullable;

/** A text of a {@link TextPool}. Safe for many threads. */
public final class PooledText {
    /** Of no bytes. */
    public static final PooledText EMPTY = new PooledText(0, 0, "");

    private final long hashA;
    private final long hashB;
    private final String text;

    /** A hint: threads may see each other's, or not. A frame's own fields are final. */
    private @Nullable Frame frame;

    /** Another. */
    private @Nullable FrameKind kind;

    PooledText(long hashA, long hashB, String text) {
        this.hashA = hashA;
        this.hashB = hashB;
        this.text = text;
    }

    boolean is(long a, long b) {
        return hashA == a && hashB == b;
    }

    /** Whether it has no bytes. Does not fetch the text, which is likely far from the cache. */
    @SuppressWarnings("ReferenceEquality") // a pool gives out no other text of no bytes
    public boolean isEmpty() {
        return this == EMPTY;
    }

    /** The text. */
    public String text() {
        return text;
    }

    /** The last frame whose function this is, or null: likely that of the next such frame too. */
    public @Nullable Frame frame() {
        return frame;
    }

    /** What code the file of this name holds, or null when nobody has looked. */
    public @Nullable FrameKind kind() {
        return kind;
    }

    /** Keeps what code the file of this name holds. */
    public void keep(FrameKind ofThisFile) {
        kind = ofThisFile;
    }

    /** Keeps a frame whose function this is. */
    public void keep(Frame ofThisFunction) {
        frame = ofThisFunction;
    }
}
