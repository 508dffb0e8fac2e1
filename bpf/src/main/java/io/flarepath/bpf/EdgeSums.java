package io.flarepath.bpf;

/**
 * What an edge was in a window.
 *
 * @param edge whose
 * @param bytesSent payload, each byte once
 * @param bytesReceived the same, in order
 * @param packetsSent segments or datagrams, repeated ones too
 * @param packetsReceived the same
 * @param connects connections that came to be
 * @param retransmits segments sent again
 * @param zeroWindows times that the peer's closed window opened
 * @param acceptOverflows what a listening socket had no room for
 * @param active connections that are open now
 */
public record EdgeSums(
        NetworkEdge edge,
        long bytesSent,
        long bytesReceived,
        long packetsSent,
        long packetsReceived,
        long connects,
        long retransmits,
        long zeroWindows,
        long acceptOverflows,
        long active) {}
