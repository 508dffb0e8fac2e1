package io.flarepath.api.ingest.push;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads a {@code PushRequest} in protobuf's JSON form: names in lowerCamelCase or as in the .proto,
 * bytes in base64 of either alphabet. Fields that are not known are ignored.
 */
final class PushJson {
    /** JSON takes several times its size while it is read; who sends much sends protobuf. */
    private static final int MOST_BYTES = 16 << 20;

    private static final int FACTOR = 4;
    private static final int MOST_DEPTH = 32;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MOST_DEPTH)
                                    .maxStringLength(MOST_BYTES)
                                    .build())
                    .build();

    private final JsonParser json;

    private PushJson(JsonParser json) {
        this.json = json;
    }

    /**
     * Reads a request.
     *
     * @throws ApiError 400 when it is none, 413 when it is too large
     */
    static List<PushSeries> read(InputStream message, UploadMemory memory) throws IOException {
        byte[] text = message.readNBytes(MOST_BYTES + 1);
        if (text.length > MOST_BYTES) {
            throw ApiError.tooLarge(
                    "the JSON has more than "
                            + MOST_BYTES
                            + " bytes, which is the limit for that encoding: send"
                            + " application/proto");
        }
        memory.charge((long) FACTOR * text.length);
        try (JsonParser parser = JSON.createParser(text)) {
            return new PushJson(parser).request();
        } catch (JsonProcessingException e) {
            throw ApiError.invalid("the body is no JSON: " + e.getOriginalMessage());
        }
    }

    @FunctionalInterface
    private interface FieldReader {
        /** Reads the value of a field; false when the field is not known. */
        boolean read(String field) throws IOException;
    }

    private void object(FieldReader reader) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw unexpected("an object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            boolean isNull = json.nextToken() == JsonToken.VALUE_NULL;
            if (!isNull && !reader.read(field)) {
                json.skipChildren();
            }
        }
    }

    @FunctionalInterface
    private interface ElementReader {
        void read() throws IOException;
    }

    private void array(ElementReader reader) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw unexpected("an array");
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            reader.read();
        }
    }

    private String text() throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw unexpected("a string");
        }
        return json.getText();
    }

    private ApiError unexpected(String what) {
        return ApiError.invalid(
                "the body is no push.v1.PushRequest in JSON: "
                        + what
                        + " is due at line "
                        + json.currentLocation().getLineNr()
                        + ", column "
                        + json.currentLocation().getColumnNr());
    }

    private List<PushSeries> request() throws IOException {
        List<PushSeries> all = new ArrayList<>();
        json.nextToken();
        object(field -> {
            if (field.equals("series")) {
                array(() -> all.add(series()));
                return true;
            }
            return false;
        });
        if (json.nextToken() != null) {
            throw unexpected("nothing more");
        }
        return all;
    }

    private PushSeries series() throws IOException {
        PushSeries series = new PushSeries(new ArrayList<>(), new ArrayList<>());
        object(field -> {
            switch (field) {
                case "labels" -> array(() -> series.labels().add(label()));
                case "samples" -> array(() -> series.samples().add(sample()));
                default -> {
                    return false;
                }
            }
            return true;
        });
        return series;
    }

    private PushSeries.Label label() throws IOException {
        String[] pair = {"", ""};
        object(field -> {
            switch (field) {
                case "name" -> pair[0] = text();
                case "value" -> pair[1] = text();
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new PushSeries.Label(pair[0], pair[1]);
    }

    private PushSeries.Sample sample() throws IOException {
        String[] id = {""};
        byte[][] pprof = {new byte[0]};
        object(field -> {
            switch (field) {
                case "rawProfile", "raw_profile" -> pprof[0] = bytes();
                case "ID" -> id[0] = text();
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new PushSeries.Sample(id[0], pprof[0]);
    }

    private byte[] bytes() throws IOException {
        try {
            return Base64.getDecoder().decode(text().replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid("rawProfile is no base64: " + e.getMessage());
        }
    }
}
