package io.flarepath.agent.requests.redis;

/** What both directions of a connection to Redis have to know of each other. */
final class RedisSession {
    /** Asked for messages: they come without a request each. */
    boolean subscribed;

    /** CLIENT REPLY OFF: nothing is answered until ON. */
    boolean silent;

    /** CLIENT REPLY SKIP: the next command is not answered. */
    boolean skipsNext;

    /** MONITOR or replication: what comes are no answers any more. */
    boolean streaming;

    /** Messages come as RESP 3 pushes, so that they cannot be taken for answers. */
    boolean pushes;
}
