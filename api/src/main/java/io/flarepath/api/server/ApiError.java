package io.flarepath.api.server;

import java.io.Serial;

/**
 * A request that is answered with an error: {@code {"code":…,"message":…}}. The codes are those of
 * the Connect protocol, as Pyroscope's clients expect them.
 */
public class ApiError extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /**
     * An error that the client is told about word for word.
     *
     * @param status HTTP status, 400 to 599
     * @param code a Connect code, for instance {@code invalid_argument}
     * @param message what is wrong, the rule, both values, and the cure
     */
    public ApiError(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** 400: the request does not follow a rule. */
    public static ApiError invalid(String message) {
        return new ApiError(400, "invalid_argument", message);
    }

    /** 422: the request is well formed but its body cannot be read as the format it claims. */
    public static ApiError unreadable(String message) {
        return new ApiError(422, "invalid_argument", message);
    }

    /** 413: the body, or what it inflates to, is larger than a limit. */
    public static ApiError tooLarge(String message) {
        return new ApiError(413, "resource_exhausted", message);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The Connect code. */
    public String code() {
        return code;
    }

    /** Seconds after which the client may try again, or 0 when trying again does not help. */
    public int retryAfterSeconds() {
        return 0;
    }
}
