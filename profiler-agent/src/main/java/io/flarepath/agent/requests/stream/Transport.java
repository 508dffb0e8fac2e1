package io.flarepath.agent.requests.stream;

/** What carries the bytes. */
public enum Transport {
    /** A stream of bytes with positions. */
    TCP,
    /** What TLS carries over TCP, in clear text: positions are those in it. */
    TLS,
    /** Datagrams: a segment is one whole datagram, its position has no meaning. */
    UDP
}
