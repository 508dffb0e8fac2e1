package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.TemporaryFiles;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.jfr.MalformedRecordingException;
import io.flarepath.symbolizer.jfr.RecordingReader;
import io.flarepath.symbolizer.jfr.RecordingSummary;
import java.io.IOException;
import java.io.InputStream;

/**
 * Makes profiles of a recording. It lies in a file meanwhile: events refer to what may stand behind
 * them. Safe for many threads.
 */
final class JfrDecoder {
    private final TemporaryFiles files;
    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    JfrDecoder(
            TemporaryFiles files, LabelRules labelRules, StackRules stackRules, UploadClock clock) {
        this.files = files;
        this.labelRules = labelRules;
        this.stackRules = stackRules;
        this.clock = clock;
    }

    /** Whether a body that begins like this is a recording. */
    static boolean isRecording(byte[] begin) {
        return begin.length >= 4
                && begin[0] == 'F'
                && begin[1] == 'L'
                && begin[2] == 'R'
                && begin[3] == 0;
    }

    /**
     * Decodes.
     *
     * @param inflated the recording, not compressed
     * @throws ApiError 422 for what is no recording, 400 and 413 for what breaks a limit
     */
    Decoded decode(
            InputStream inflated,
            ContextLabels contexts,
            IngestRequest request,
            UploadMemory memory)
            throws IOException {
        // What the URL alone makes wrong is told before a long recording is read.
        labelRules.check(request.labels(request.name().app()));
        try (TemporaryFiles.TemporaryFile file = files.copy(inflated)) {
            RecordingReader reader =
                    new RecordingReader(ByteSource.of(file.channel()), memory::charge);
            RecordedSums sums = new RecordedSums(memory);
            RecordingSummary summary = reader.read(sums);
            return new JfrProfiles(
                            request,
                            contexts,
                            reader.stacks(),
                            reader.threads(),
                            summary,
                            labelRules,
                            stackRules)
                    .of(sums, clock, memory);
        } catch (MalformedRecordingException e) {
            throw ApiError.unreadable("the recording cannot be read: " + e.getMessage());
        }
    }
}
