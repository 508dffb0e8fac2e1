package io.flarepath.store.call;

/** Which end of a call it was that told of it: OpenTelemetry's kinds of spans, but for internal. */
public enum CallRole {
    /** It answered. */
    SERVER(0),
    /** It asked. */
    CLIENT(1),
    /** It handed a message over, to be worked on later. */
    PRODUCER(2),
    /** It worked on a message. */
    CONSUMER(3);

    private static final CallRole[] BY_CODE = {SERVER, CLIENT, PRODUCER, CONSUMER};

    private final int code;

    CallRole(int code) {
        this.code = code;
    }

    /** The number under which it is stored. */
    int code() {
        return code;
    }

    /** The role of a number from 0 to 3. */
    static CallRole ofCode(int code) {
        return BY_CODE[code];
    }
}
