package io.flarepath.agent;

/** The agent cannot do its work. The message says why and what helps, in one line. */
final class CannotRunException extends Exception {
    private static final long serialVersionUID = 1;

    private final String line;

    CannotRunException(String message, Throwable cause) {
        super(message, cause);
        this.line = message;
    }

    @Override
    public String getMessage() {
        return line;
    }
}
