package io.flarepath.agent.requests.stream;

/** What carries the bytes. */
public enum Transport {
    /** A stream of bytes with positions. */
    TCP,
    /** Datagrams: a segment is one whole datagram, its position has no meaning. */
    UDP
}
