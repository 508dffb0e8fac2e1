package io.flarepath.agent.requests.stream;

/** Which way bytes went, seen from the process whose socket it is. */
public enum Direction {
    /** From the peer to the process. */
    RECEIVED,
    /** From the process to the peer. */
    SENT;

    /** The other way. */
    public Direction opposite() {
        return this == RECEIVED ? SENT : RECEIVED;
    }
}
