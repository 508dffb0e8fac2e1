package io.flarepath.agent.requests.stream;

/** What happened to the bytes of connections. Of one thread. */
public final class StreamCounters {
    /** Bytes looked at or passed over as parts of messages. */
    public long followedBytes;

    /** Bytes that went by while the place in the stream was not known. */
    public long unfollowedBytes;

    /** Bytes that were seen before. */
    public long repeatedBytes;

    /** Bytes that were not captured or not delivered. */
    public long missingBytes;

    /** How often the place in a stream was lost since bytes were missing. */
    public long lostByHole;

    /** How often since bytes were not of the protocol, or a message was too long. */
    public long lostByContent;

    public long endsMissed;

    /** How often it was found again. */
    public long found;
}
