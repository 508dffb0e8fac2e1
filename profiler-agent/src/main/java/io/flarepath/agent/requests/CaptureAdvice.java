package io.flarepath.agent.requests;

import io.flarepath.agent.requests.stream.ConnectionKey;

/** What those who capture bytes are told of connections, so that they capture what is needed. */
@FunctionalInterface
public interface CaptureAdvice {
    /** A connection will never give a call: its bytes are not needed any more. */
    void leaveAlone(ConnectionKey key);

    /** A connection speaks HTTP/2: its frames are needed wherever they lie. Told once. */
    default void speaksHttp2(ConnectionKey key) {}
}
