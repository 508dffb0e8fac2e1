package io.flarepath.api.server;

import java.io.Serial;

/** The server must not start as it is configured; the message says why, and what to write. */
public final class StartRefused extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** With what is wrong, and the cure. */
    public StartRefused(String message) {
        super(message);
    }

    /** With what is wrong, the cure, and where it comes from. */
    public StartRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
