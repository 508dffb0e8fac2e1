package io.flarepath.agent.requests.message;

/** Whether the time until the answer says anything of how fast the server is. */
public enum CallKind {
    /** One request, one answer: counted with its latency. */
    UNARY,
    /** Nothing answers it: counted without one. */
    ONE_WAY,
    /** Many messages one way or both; how long it takes is up to those who use it. */
    STREAM,
    /** The answer may wait for something to happen elsewhere. */
    LONG_POLL
}
