package io.flarepath.symbolizer.binary;

import java.io.IOException;

/** The bytes are not an ELF file that we read; the message names the rule and both values. */
public final class MalformedBinaryException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedBinaryException(String message) {
        super(message);
    }
}
