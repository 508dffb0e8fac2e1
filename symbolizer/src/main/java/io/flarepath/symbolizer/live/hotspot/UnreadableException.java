package io.flarepath.symbolizer.live.hotspot;

/** The target's memory is not there, or what stands there cannot be what was expected. */
final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String message) {
        // Thrown for every sample of a process that died: without a stack trace it costs nothing.
        super(message, null, false, false);
    }
}
