package io.flarepath.agent.budget;

import java.util.Locale;

/** How much is read of what processes say, from all of it down to nothing. */
public enum CaptureLevel {
    /** Messages of up to 16 KiB as a whole, of HTTP/1 the first 4 KiB. */
    FULL(16_384, 1, true),
    /** Its first 256 bytes: long heads and statements are cut. */
    SHORT(256, 1, true),
    /** The same of one connection in eight; what is told of requests says so. */
    SAMPLED(256, 8, true),
    /** Nothing; the programs stand ready. TCP and UDP are summed up as ever. */
    PAUSED(0, 0, true),
    /** Nothing, and the programs are out of the kernel's way. */
    L4(0, 0, false);

    private final int mostBytes;
    private final int oneIn;
    private final boolean attached;

    CaptureLevel(int mostBytes, int oneIn, boolean attached) {
        this.mostBytes = mostBytes;
        this.oneIn = oneIn;
        this.attached = attached;
    }

    /** Bytes of a message that are copied. */
    public int mostBytes() {
        return mostBytes;
    }

    /** Of so many connections one is read; of none if it is 0. */
    public int oneIn() {
        return oneIn;
    }

    /** Whether the programs are in the kernel's way. */
    public boolean attached() {
        return attached;
    }

    /** Its name in metrics and messages. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    CaptureLevel less() {
        return switch (this) {
            case FULL -> SHORT;
            case SHORT -> SAMPLED;
            case SAMPLED -> PAUSED;
            case PAUSED, L4 -> L4;
        };
    }

    CaptureLevel more() {
        return switch (this) {
            case FULL, SHORT -> FULL;
            case SAMPLED -> SHORT;
            case PAUSED -> SAMPLED;
            case L4 -> PAUSED;
        };
    }
}
