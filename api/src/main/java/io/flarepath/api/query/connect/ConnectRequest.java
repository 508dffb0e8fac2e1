package io.flarepath.api.query.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.time.Instants;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One request message in protobuf's JSON form: names in lowerCamelCase or as in the .proto, 64-bit
 * numbers as numbers or strings, absent and null fields alike.
 */
final class ConnectRequest {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_MATCHERS = 64;
    private static final ObjectMapper JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxNestingDepth(MAX_DEPTH)
                                            .build())
                            .enable(
                                    com.fasterxml.jackson.core.StreamReadFeature
                                            .STRICT_DUPLICATE_DETECTION)
                            .build());

    private final JsonNode message;

    private ConnectRequest(JsonNode message) {
        this.message = message;
    }

    /** Reads a body; errors are 400. */
    static ConnectRequest parse(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            JsonNode message = JSON.readTree(parser);
            if (!(message instanceof ObjectNode)) {
                throw ApiError.invalid("the body must be one JSON object, {} at least");
            }
            if (parser.nextToken() != null) {
                throw ApiError.invalid("the body must be one JSON object and nothing after it");
            }
            return new ConnectRequest(message);
        } catch (JsonProcessingException e) {
            throw ApiError.invalid(
                    "the body is no JSON: "
                            + e.getOriginalMessage()
                            + (e.getLocation() == null
                                    ? ""
                                    : " at line "
                                            + e.getLocation().getLineNr()
                                            + ", column "
                                            + e.getLocation().getColumnNr()));
        } catch (IOException e) {
            throw ApiError.invalid("the body is no JSON: " + e.getMessage());
        }
    }

    /** Start and end in milliseconds; what is absent, or 0, does not bound. */
    TimeRange range() {
        long start = millis("start", 0);
        long end = millis("end", Instants.LATEST_MILLIS);
        return Instants.range("start", start, "end", end);
    }

    private long millis(String field, long unbounded) {
        JsonNode value = message.path(field);
        if (absent(value)) {
            return unbounded;
        }
        if (!value.isTextual() && !(value.isIntegralNumber() && value.canConvertToLong())) {
            throw noMillis(field);
        }
        try {
            long millis = value.isTextual() ? Long.parseLong(value.textValue()) : value.longValue();
            return millis == 0 ? unbounded : Instants.bounded(millis);
        } catch (NumberFormatException e) {
            throw noMillis(field);
        }
    }

    private static ApiError noMillis(String field) {
        return ApiError.invalid(
                field + " must be Unix milliseconds, a number or a string of digits");
    }

    /** All matcher sets together: a series must fulfil every one. */
    Selector matchers() {
        List<Matcher> all = new ArrayList<>();
        for (String text : strings("matchers", "matchers")) {
            if (text.isBlank()) {
                throw ApiError.invalid("an empty matcher selects nothing: write {} for everything");
            }
            all.addAll(Parameters.selectorOf("matchers", text).matchers());
        }
        return new Selector(all);
    }

    /** A text that must be there. */
    String required(String field) {
        JsonNode value = message.path(field);
        if (absent(value) || !value.isTextual() || value.textValue().isEmpty()) {
            throw ApiError.invalid(field + " is required and must be a string");
        }
        return value.textValue();
    }

    /** A list of texts, under either spelling of its name. */
    List<String> strings(String camel, String proto) {
        JsonNode value = absent(message.path(camel)) ? message.path(proto) : message.path(camel);
        if (absent(value)) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MAX_MATCHERS) {
            throw ApiError.invalid(
                    camel + " must be an array of at most " + MAX_MATCHERS + " strings");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (!element.isTextual()) {
                throw ApiError.invalid(camel + " must be an array of strings");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    private static boolean absent(JsonNode value) {
        return value instanceof MissingNode || value.isNull();
    }
}
