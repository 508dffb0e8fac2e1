package io.flarepath.agent.requests.message;

/** How a call ended. */
public enum Outcome {
    /** As it should. */
    OK,
    /** The server refused it, or says that the request is at fault. */
    CLIENT_ERROR,
    /** The server failed. */
    SERVER_ERROR,
    /** No answer within the time limit of the protocol. */
    TIMEOUT,
    /** The connection or the stream was closed before the whole answer. */
    BROKEN
}
