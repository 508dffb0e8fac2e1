package io.flarepath.store.encoding;

import java.io.Serial;

/** Stored bytes are not what was written: a checksum, a bound or a form does not hold. */
public final class CorruptValueException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** What does not hold. */
    public CorruptValueException(String message) {
        super(message);
    }
}
