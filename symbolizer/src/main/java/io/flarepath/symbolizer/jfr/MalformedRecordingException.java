package io.flarepath.symbolizer.jfr;

import java.io.IOException;

/** The bytes are no recording that we read; the message names the rule and the place. */
public final class MalformedRecordingException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedRecordingException(String message) {
        super(message);
    }
}
