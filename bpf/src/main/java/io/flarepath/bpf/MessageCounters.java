package io.flarepath.bpf;

/**
 * What the programs that see the bytes of connections counted since they were loaded.
 *
 * @param messages written for the reader
 * @param sendingLost messages that were going to be sent, for which the ring had no room
 * @param sentLost lengths of what was sent, for which it had none
 * @param receivedLost messages that were received, for which it had none
 * @param closesLost closed connections for which it had none
 * @param unreadable messages without their bytes: these were on pages that are not in memory
 * @param stateless messages not told of because there was no memory for the connection's state
 * @param leftOut messages not told of so that less is told ({@link RequestBytes#tell})
 * @param clearLost messages inside of TLS, for which the ring had no room
 * @param unjoined messages inside of TLS not told of because it is not known by which connection
 *     they went
 */
public record MessageCounters(
        long messages,
        long sendingLost,
        long sentLost,
        long receivedLost,
        long closesLost,
        long unreadable,
        long stateless,
        long leftOut,
        long clearLost,
        long unjoined) {

    /** Messages for which the ring had no room. */
    public long messagesLost() {
        return sendingLost + sentLost + receivedLost + clearLost;
    }

    static MessageCounters of(long[] values) {
        return new MessageCounters(
                values[0], values[1], values[2], values[3], values[4], values[5], values[6],
                values[7], values[8], values[9]);
    }
}
