package io.flarepath.api.ingest.pyroscope;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.ingest.pprof.PprofDecoder;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.TemporaryFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decodes the body of an upload to {@code /ingest}. Safe for many threads. */
final class PyroscopeDecoder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_CONFIG_BYTES = 64 << 10;

    private final Limits limits;
    private final PprofDecoder pprof;
    private final JfrDecoder jfr;
    private final CountedStacksDecoder counted;
    private final SpeedscopeDecoder speedscope;

    PyroscopeDecoder(TemporaryFiles files, Limits limits, UploadClock clock) {
        this.limits = limits;
        LabelRules labelRules = new LabelRules(limits);
        StackRules stackRules = new StackRules(limits);
        this.pprof = new PprofDecoder(labelRules, stackRules, clock);
        this.jfr = new JfrDecoder(files, labelRules, stackRules, clock);
        this.counted = new CountedStacksDecoder(labelRules, stackRules, clock);
        this.speedscope = new SpeedscopeDecoder(labelRules, stackRules, clock);
    }

    /** Opens the body from the start; an encoding of the whole body has been undone. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    Decoded decode(
            UploadFormat format,
            String contentType,
            IngestRequest request,
            Source body,
            UploadMemory memory)
            throws IOException {
        return switch (format) {
            case PPROF -> {
                try (InputStream in = inflated(body.open())) {
                    yield pprof.decode(in, request.pprof(Map.of()), memory);
                }
            }
            case JFR -> {
                try (InputStream in = recording(body.open())) {
                    yield jfr.decode(in, ContextLabels.NONE, request, memory);
                }
            }
            case FORM -> multipart(contentType, request, body, memory);
            case FOLDED -> foldedOrPprof(request, body, memory);
            case LINES, TREE, TRIE -> {
                try (InputStream in = inflated(body.open())) {
                    yield counted.decode(format, request, in, memory);
                }
            }
            case SPEEDSCOPE -> speedscope.decode(() -> inflated(body.open()), request, memory);
        };
    }

    private InputStream inflated(InputStream in) throws IOException {
        return InflatedInput.sniffed(in, limits.inflatedBytes());
    }

    private InputStream recording(InputStream in) throws IOException {
        return InflatedInput.sniffed(in, limits.recordingBytes(), "limits.recording");
    }

    private Decoded multipart(
            String contentType, IngestRequest request, Source body, UploadMemory memory)
            throws IOException {
        Map<String, Multipart.Part> parts;
        try (InputStream in = body.open()) {
            parts = Multipart.parts(in, contentType);
        }
        if (parts.containsKey("prev_profile")) {
            throw ApiError.unreadable(
                    "the form has a part prev_profile, which unsupported old clients send: update"
                            + " github.com/grafana/pyroscope-go");
        }
        Multipart.Part recording = parts.get("jfr");
        if (recording != null) {
            ContextLabels labels = contextLabels(parts.get("labels"), body, memory);
            try (InputStream in = recording(Slice.of(body.open(), recording))) {
                return jfr.decode(in, labels, request, memory);
            }
        }
        Multipart.Part profile = parts.get("profile");
        if (profile == null) {
            throw ApiError.unreadable(
                    "the form has neither a part \"profile\" nor a part \"jfr\": "
                            + parts.keySet());
        }
        Map<String, String> displayNames = displayNames(parts.get("sample_type_config"), body);
        if (profile.length() == 0) {
            return new Decoded(List.of(), new Dropped());
        }
        try (InputStream in = inflated(Slice.of(body.open(), profile))) {
            return pprof.decode(in, request.pprof(displayNames), memory);
        }
    }

    private ContextLabels contextLabels(
            Multipart.@Nullable Part part, Source body, UploadMemory memory) throws IOException {
        if (part == null || part.length() == 0) {
            return ContextLabels.NONE;
        }
        try (InputStream in = inflated(Slice.of(body.open(), part))) {
            return ContextLabels.read(in, memory);
        }
    }

    private static Map<String, String> displayNames(Multipart.@Nullable Part part, Source body)
            throws IOException {
        Map<String, String> names = new HashMap<>();
        if (part == null) {
            return names;
        }
        try (InputStream in = Slice.of(body.open(), part)) {
            JsonNode config = JSON.readTree(in.readNBytes(MOST_CONFIG_BYTES));
            for (Map.Entry<String, JsonNode> type : config.properties()) {
                String name = type.getValue().path("display-name").asText("");
                names.put(type.getKey(), name.isEmpty() ? type.getKey() : name);
            }
        } catch (JsonProcessingException e) {
            throw ApiError.unreadable(
                    "the part sample_type_config is not a JSON object: " + e.getOriginalMessage());
        }
        return names;
    }

    private Decoded foldedOrPprof(IngestRequest request, Source body, UploadMemory memory)
            throws IOException {
        try (InputStream in = inflated(body.open())) {
            byte[] begin = in.readNBytes(PprofShape.BYTES);
            if (JfrDecoder.isRecording(begin)) {
                try (InputStream again = recording(body.open())) {
                    return jfr.decode(again, ContextLabels.NONE, request, memory);
                }
            }
            InputStream whole = new SequenceInputStream(new ByteArrayInputStream(begin), in);
            if (PprofShape.looksLike(begin)) {
                return pprof.decode(whole, request.pprof(Map.of()), memory);
            }
            return counted.decode(UploadFormat.FOLDED, request, whole, memory);
        }
    }
}
