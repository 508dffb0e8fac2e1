package io.flarepath.symbolizer.live.hotspot;

/** The VM does not export what is needed to understand its memory; the message names it. */
public final class UnknownLayoutException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownLayoutException(String message) {
        super(message);
    }
}
