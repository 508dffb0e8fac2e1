package io.flarepath.agent.requests.stream;

/** What the observed process was in a call. */
public enum Role {
    /** It answered. */
    SERVER,
    /** It asked. */
    CLIENT
}
