package io.flarepath.symbolizer.binary;

/** A mangled name breaks the grammar or a bound; its raw form is shown instead. */
final class MangledNameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MangledNameException(String message) {
        // No stack trace: a file of garbage would raise one for each symbol.
        super(message, null, false, false);
    }
}
