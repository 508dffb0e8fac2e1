package io.flarepath.api.server;

import java.io.Serial;

/** 429: the service is behind; the same request succeeds later. */
public final class Overloaded extends ApiError {
    @Serial private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    /** An overload after which the client waits for one second. */
    public Overloaded(String message) {
        this(message, 1);
    }

    /** An overload that is told apart by how long the client has to wait. */
    public Overloaded(String message, int retryAfterSeconds) {
        super(429, "resource_exhausted", message);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    @Override
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
