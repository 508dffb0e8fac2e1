package io.flarepath.bpf;

/**
 * What the programs that see the bytes of connections counted since they were loaded.
 *
 * @param messages written for the reader
 * @param messagesLost for which the ring had no room
 * @param closesLost closed connections for which the ring had no room
 * @param unreadable messages without their bytes: these were on pages that are not in memory
 * @param stateless messages not told of because there was no memory for the connection's state
 */
public record MessageCounters(
        long messages, long messagesLost, long closesLost, long unreadable, long stateless) {

    static MessageCounters of(long[] values) {
        return new MessageCounters(values[0], values[1], values[2], values[3], values[4]);
    }
}
