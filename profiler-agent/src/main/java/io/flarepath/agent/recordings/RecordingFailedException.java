package io.flarepath.agent.recordings;

/** A recording was not made; the message says to the user why, and what would help. */
public final class RecordingFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    RecordingFailedException(String message) {
        super(message);
    }
}
