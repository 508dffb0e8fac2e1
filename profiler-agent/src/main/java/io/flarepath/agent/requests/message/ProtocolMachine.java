package io.flarepath.agent.requests.message;

import io.flarepath.agent.requests.stream.StreamParser;

/** Both directions of one connection, read as one protocol. */
public interface ProtocolMachine {
    /** Reads what the client sends. */
    StreamParser requests();

    /** Reads what the server sends. */
    StreamParser responses();

    /** Whether nothing can be read any more: it was encrypted, compressed or taken over. */
    boolean isOpaque();

    /** Whether it is HTTP/2 by now. */
    default boolean isHttp2() {
        return false;
    }

    /** The connection was closed. */
    void closed(long nanos);

    /** Gives up requests that have waited too long. */
    default void expire(long nanos) {}

    /** Bytes held, roughly, besides those of its parsers. */
    int heldBytes();
}
