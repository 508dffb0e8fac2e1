package io.flarepath.api.server;

import java.time.Duration;

/**
 * How many connections there may be, and for how long nothing need happen on them.
 *
 * @param most how many may be open at once, over all addresses ({@code limits.connections})
 * @param idle how long nothing need come or go on one
 * @param head how long a new one need not send a whole request head
 */
public record ConnectionRules(int most, Duration idle, Duration head) {
    /**
     * How long a connection may be idle. A client that reuses one in the moment in which it is
     * closed hears a reset in place of an answer (RFC 9112, 9.6), and may not repeat a POST: so it
     * is the client who should be first. Go's and Rust's clients wait 90 s, OkHttp 5 minutes.
     */
    private static final Duration IDLE = Duration.ofSeconds(330);

    /**
     * More than the 90 s for which Go's client keeps a connection that it opened and then did not
     * need, since another became free: closed by us just when it is used at last, the request would
     * be answered with a reset.
     */
    private static final Duration HEAD = Duration.ofMinutes(2);

    /** Refuses rules under which nobody could ask anything. */
    public ConnectionRules {
        if (most < 1 || idle.toMillis() < 1 || head.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "limits.connections must be at least 1, and idle times at least 1 ms: "
                            + most
                            + ", "
                            + idle
                            + ", "
                            + head);
        }
    }

    /** So many, with the times that suit the clients that are known. */
    public static ConnectionRules ofMost(int most) {
        return new ConnectionRules(most, IDLE, HEAD);
    }
}
