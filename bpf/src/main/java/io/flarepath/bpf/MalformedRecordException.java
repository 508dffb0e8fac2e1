package io.flarepath.bpf;

/** A buffer holds what is no whole sequence of records; the message names the rule it breaks. */
public final class MalformedRecordException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MalformedRecordException(String message) {
        super(message);
    }
}
