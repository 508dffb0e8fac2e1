package io.flarepath.agent.requests;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.stream.StreamCounters;

/** What was not understood or had no room, by reason. Of one thread. */
public final class RequestCounters {
    /** Bytes and places in streams. */
    public final StreamCounters streams = new StreamCounters();

    /** Requests and answers. */
    public final MatchCounters matches = new MatchCounters();

    /** Connections that are TLS; those of which is seen what it carries begin so too. */
    public long encryptedConnections;

    /** Connections whose protocol was not found. */
    public long unknownConnections;

    /** Connections that turned to encryption, compression or another protocol. */
    public long opaqueConnections;

    /** How often a protocol was taken back. */
    public long refutedProtocols;

    /** Connections forgotten to stay within the limits of number and memory. */
    public long forgottenConnections;

    /** Datagrams that came before the process of their socket was known, and had no room. */
    public long unownedDatagrams;

    /** Bytes of connections that are not read. */
    public long ignoredBytes;
}
