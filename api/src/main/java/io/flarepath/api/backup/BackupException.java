package io.flarepath.api.backup;

import java.io.IOException;
import java.io.Serial;

/** A backup cannot be made, read or restored; the message says why and what to do. */
final class BackupException extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    BackupException(String message) {
        super(message);
    }

    BackupException(String message, Throwable cause) {
        super(message, cause);
    }
}
