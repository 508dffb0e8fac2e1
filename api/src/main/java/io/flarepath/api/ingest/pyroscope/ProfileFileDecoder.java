package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.TemporaryFiles;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes a file with profiles of which nothing is known but its content: a pprof, a JFR recording,
 * a file of speedscope, a flame graph that was saved as /pyroscope/render answers it, or folded
 * stacks, each also gzip. Its time does not matter. Safe for many threads.
 */
public final class ProfileFileDecoder {
    /** What a count of a text is that does not tell what it counts. */
    private static final ProfileType SAMPLES =
            new ProfileType("samples", "samples", "count", "", "");

    private final Limits limits;
    private final UploadClock clock = UploadClock.ofAnyTime();
    private final PyroscopeDecoder decoder;
    private final FlamebearerDecoder flamebearer;

    /** A decoder under the limits of uploads. */
    public ProfileFileDecoder(TemporaryFiles files, Limits limits) {
        this.limits = limits;
        this.decoder = new PyroscopeDecoder(files, limits, clock);
        this.flamebearer =
                new FlamebearerDecoder(new LabelRules(limits), new StackRules(limits), clock);
    }

    /**
     * Decodes.
     *
     * @return the profiles in the order of the file, of one type often several
     * @throws ApiError 422 for what is of none of these formats, damaged, or without a sample; 400
     *     and 413 for what breaks a limit
     */
    public List<Profile> decode(byte[] file, UploadMemory memory) throws IOException {
        PyroscopeDecoder.Source source = () -> new ByteArrayInputStream(file);
        byte[] begin;
        try (InputStream in =
                InflatedInput.sniffed(source.open(), limits.recordingBytes(), "limits.recording")) {
            begin = in.readNBytes(PprofShape.BYTES);
        }
        boolean text = !JfrDecoder.isRecording(begin) && !PprofShape.looksLike(begin);
        boolean object = text && startsObject(begin);
        PyroscopeDecoder.Source inflated =
                () -> InflatedInput.sniffed(source.open(), limits.inflatedBytes());
        if (object && FlamebearerDecoder.isDocument(inflated)) {
            return some(flamebearer.decode(inflated, request(true), memory).profiles());
        }
        List<Profile> decoded =
                some(
                        decoder.decode(
                                        object ? UploadFormat.SPEEDSCOPE : UploadFormat.FOLDED,
                                        "",
                                        request(text),
                                        source,
                                        memory)
                                .profiles());
        List<Profile> profiles = new ArrayList<>();
        for (Profile each : decoded) {
            profiles.add(text ? asCounted(each) : each);
        }
        return profiles;
    }

    private static List<Profile> some(List<Profile> decoded) {
        if (decoded.isEmpty()) {
            throw ApiError.unreadable(
                    "there is no sample in it; a pprof, a JFR recording, folded stacks, a file of"
                            + " speedscope, and a flame graph in JSON are understood");
        }
        return decoded;
    }

    /** The rate 0 leaves the counts of texts as they are. */
    private IngestRequest request(boolean text) {
        return IngestRequest.of(
                QueryParameters.parse(text ? "name=file&sampleRate=0" : "name=file"), clock);
    }

    private static boolean startsObject(byte[] begin) {
        for (byte b : begin) {
            if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
                return b == '{';
            }
        }
        return false;
    }

    /** Where one sample is worth one, nobody said that it is a nanosecond. */
    private static Profile asCounted(Profile profile) {
        if (!profile.type().equals(ProfileType.CPU) || profile.period() != 1) {
            return profile;
        }
        long[] values = new long[profile.stackCount()];
        for (int stack = 0; stack < values.length; stack++) {
            values[stack] = profile.value(stack);
        }
        return profile.revalued(SAMPLES, 1, values, profile.spans());
    }
}
