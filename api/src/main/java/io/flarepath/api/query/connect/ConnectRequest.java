package io.flarepath.api.query.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request message in protobuf's JSON form: names in lowerCamelCase or as in the .proto, 64-bit
 * numbers as numbers or strings, absent and null fields alike.
 */
final class ConnectRequest {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_TEXTS = 4_096;
    private static final ObjectMapper JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder()
                                            .maxNestingDepth(MAX_DEPTH)
                                            // The body that it stands in is bounded.
                                            .maxStringLength(Integer.MAX_VALUE)
                                            .build())
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .build());

    private final ObjectNode message;

    private ConnectRequest(ObjectNode message) {
        this.message = message;
    }

    /** Reads a body of JSON; errors are 400. */
    static ConnectRequest parse(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            JsonNode message = JSON.readTree(parser);
            if (!(message instanceof ObjectNode object)) {
                throw ApiError.invalid("the body must be one JSON object, {} at least");
            }
            if (parser.nextToken() != null) {
                throw ApiError.invalid("the body must be one JSON object and nothing after it");
            }
            return new ConnectRequest(object);
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

    /** Reads a body of binary protobuf; errors are 400. */
    static ConnectRequest decode(byte[] body, RequestSchema schema) {
        return new ConnectRequest(schema.decode(body));
    }

    /**
     * Start and end in milliseconds, both of which must be there; an end at the start selects
     * nothing.
     */
    TimeRange range() {
        long start = number("start");
        long end = number("end");
        if (start == 0 || end == 0) {
            throw ApiError.invalid(
                    "missing time range in the query: start and end are required, in Unix"
                            + " milliseconds");
        }
        return range(start, end);
    }

    /** Like {@link #range()}, but what is absent, or 0, does not bound. */
    TimeRange rangeOrAlways() {
        long start = number("start");
        long end = number("end");
        return range(start, end == 0 ? Instants.LATEST_MILLIS : end);
    }

    private static TimeRange range(long start, long end) {
        if (start > end) {
            throw ApiError.invalid(
                    "start must not be after end: "
                            + start
                            + " is after "
                            + end
                            + " (Unix milliseconds)");
        }
        return new TimeRange(
                Instants.bounded(start) * 1_000_000, Instants.bounded(end) * 1_000_000);
    }

    /** A whole number, given as a number or as a string; 0 when it is absent. */
    long number(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return 0;
        }
        try {
            if (value.isTextual()) {
                return Long.parseLong(value.textValue());
            }
            if (value.isIntegralNumber() && value.canConvertToLong()) {
                return value.longValue();
            }
            // JSON of protobuf takes 1e3 and 5.0 too.
            if (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue())) {
                double number = value.doubleValue();
                if (Math.abs(number) < 1L << 53) {
                    return (long) number;
                }
            }
        } catch (NumberFormatException e) {
            // Answered below like all that is no number.
        }
        throw ApiError.invalid(name + " must be a whole number or a string of digits");
    }

    /** A number; 0 when it is absent. */
    double real(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return 0;
        }
        try {
            double number =
                    value.isTextual() ? Double.parseDouble(value.textValue()) : value.doubleValue();
            if ((value.isTextual() || value.isNumber()) && Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below like all that is no number.
        }
        throw ApiError.invalid(name + " must be a number");
    }

    /** Yes or no; no when it is absent. */
    boolean flag(String name) {
        JsonNode value = field(name);
        if (value != null && !value.isBoolean()) {
            throw ApiError.invalid(name + " must be true or false");
        }
        return value != null && value.booleanValue();
    }

    /**
     * A value of an enum, given by its number or its word; the first one when it is absent, null
     * for a number that is not known here.
     */
    <E extends Enum<E>> @Nullable E choice(String name, String prefix, Class<E> type) {
        JsonNode value = field(name);
        E[] all = type.getEnumConstants();
        if (value == null) {
            return all[0];
        }
        if (value.isTextual()) {
            for (E each : all) {
                if (value.textValue().equals(prefix + each.name())) {
                    return each;
                }
            }
            throw ApiError.invalid(
                    name + " must be one of the words of its enum, not " + value.textValue());
        }
        long number = number(name);
        return number >= 0 && number < all.length ? all[(int) number] : null;
    }

    /** All matcher sets together: a series must fulfil every one. */
    Selector matchers() {
        List<Matcher> all = new ArrayList<>();
        for (String text : texts("matchers")) {
            if (text.isBlank()) {
                throw ApiError.invalid("an empty matcher selects nothing: write {} for everything");
            }
            all.addAll(Parameters.selectorOf("matchers", text).matchers());
        }
        return new Selector(all);
    }

    /** A text; empty when it is absent. */
    String text(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return "";
        }
        if (!value.isTextual()) {
            throw ApiError.invalid(name + " must be a string");
        }
        return value.textValue();
    }

    /** A text that must be there. */
    String required(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            throw ApiError.invalid(name + " is required and must be a string");
        }
        return text;
    }

    /** A list of texts. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : elements(name)) {
            if (!element.isTextual()) {
                throw ApiError.invalid(name + " must be an array of strings");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    /** A message within, or null when it is absent. */
    @Nullable ConnectRequest message(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return null;
        }
        return inner(name, value);
    }

    /** A list of messages within. */
    List<ConnectRequest> messages(String name) {
        List<ConnectRequest> messages = new ArrayList<>();
        for (JsonNode element : elements(name)) {
            messages.add(inner(name, element));
        }
        return messages;
    }

    /** The names of the fields that are there and not empty, as the .proto's JSON has them. */
    List<String> given() {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            JsonNode value = field.getValue();
            boolean empty =
                    value.isNull()
                            || (value.isContainerNode() && value.isEmpty())
                            || (value.isTextual() && value.textValue().isEmpty());
            if (!empty) {
                names.add(jsonName(field.getKey()));
            }
        }
        return names;
    }

    private static String jsonName(String name) {
        StringBuilder camel = new StringBuilder(name.length());
        boolean upper = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_') {
                upper = true;
            } else {
                camel.append(upper ? Character.toUpperCase(c) : c);
                upper = false;
            }
        }
        return camel.toString();
    }

    private static ConnectRequest inner(String name, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw ApiError.invalid(name + " must be an object");
        }
        return new ConnectRequest(object);
    }

    private Iterable<JsonNode> elements(String name) {
        JsonNode value = field(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MAX_TEXTS) {
            throw ApiError.invalid(
                    name + " must be an array of at most " + MAX_TEXTS + " elements");
        }
        return value;
    }

    private @Nullable JsonNode field(String name) {
        JsonNode value = message.get(name);
        if (value == null) {
            value = message.get(protoName(name));
        }
        return value == null || value.isNull() ? null : value;
    }

    /** The name as it stands in the .proto. */
    private static String protoName(String name) {
        if (name.equals("profileTypeID")) {
            return "profile_typeID";
        }
        StringBuilder proto = new StringBuilder(name.length() + 4);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) {
                proto.append('_');
            }
            proto.append(c);
        }
        return proto.toString().toLowerCase(Locale.ROOT);
    }
}
