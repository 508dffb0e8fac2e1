package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.UploadMemory;
import org.jspecify.annotations.Nullable;

/**
 * Who pays for columns that are used for one upload after the other: the one under way, for all
 * that they have grown to. One thread at a time.
 */
final class Charged {
    private @Nullable UploadMemory payer;
    private long bytes;

    /** From here on another upload pays, at once for what is there already. */
    void begin(UploadMemory upload) {
        payer = upload;
        upload.charge(bytes);
    }

    /** The upload is over. */
    void end() {
        payer = null;
    }

    /** Bytes that the columns have grown by. */
    void charge(long more) {
        bytes += more;
        UploadMemory upload = payer;
        if (upload != null) {
            upload.charge(more);
        }
    }

    /** All that they have grown to. */
    long bytes() {
        return bytes;
    }
}
