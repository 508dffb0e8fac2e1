package io.flarepath.bpf;

/**
 * What happened on an edge, and how often since the start.
 *
 * @param edge where
 * @param kind what
 * @param name errno, reason, or empty: by kind
 * @param value the value of each, in seconds, within 3 %; of times only
 */
public record EdgeEvent(NetworkEdge edge, Kind kind, String name, double value) {
    /** Kinds of events, by the numbers of {@code enum edge_event_kind}. */
    public enum Kind {
        /** A connection came to be: how long that took. */
        CONNECT_TIME(0),
        /** Smoothed round-trip time of a connection. */
        ROUND_TRIP(1),
        /** One did not: the errno's name, or {@code given_up}. */
        CONNECT_FAILURE(2),
        /** A reset was sent: the kernel's name of the reason. */
        RESET_SENT(3),
        /** A reset came. */
        RESET_RECEIVED(4),
        /** The kernel dropped a packet: its name of the reason. */
        DROP(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of event has the number " + number);
        }
    }
}
