package io.flarepath.api.ingest.pyroscope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;

/** Walks through JSON that is expected to have a form; what has another one is refused with 422. */
final class ExpectedJson implements AutoCloseable {
    private static final int MOST_DEPTH = 64;
    private static final int MOST_TEXT = 64 << 10;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MOST_DEPTH)
                                    .maxStringLength(MOST_TEXT)
                                    .build())
                    .build();

    private final JsonParser json;

    ExpectedJson(InputStream in) throws IOException {
        this.json = JSON.createParser(in);
        json.nextToken();
    }

    /** Reads the value that the walk stands at. */
    @FunctionalInterface
    interface ValueReader {
        void read() throws IOException;
    }

    /** Reads the value of a field that the walk stands at, all of it or nothing. */
    @FunctionalInterface
    interface FieldReader {
        /** Whether the field is one that is read; what is not is skipped. */
        boolean read(String field) throws IOException;
    }

    /** The fields of an object. */
    void object(String what, FieldReader reader) throws IOException {
        expect(JsonToken.START_OBJECT, what, "an object");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (!reader.read(field)) {
                json.skipChildren();
            }
        }
    }

    /** The elements of an array. */
    void array(String what, ValueReader reader) throws IOException {
        expect(JsonToken.START_ARRAY, what, "an array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            reader.read();
        }
    }

    /** A text; empty for null. */
    String text(String what) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return "";
        }
        expect(JsonToken.VALUE_STRING, what, "a text");
        return json.getText();
    }

    /** A number that is neither infinite nor beyond what a double counts. */
    double number(String what) throws IOException {
        JsonToken token = json.currentToken();
        if (token == null || !token.isNumeric()) {
            throw unexpected(what, "a number");
        }
        double number = json.getDoubleValue();
        if (!Double.isFinite(number)) {
            throw ApiError.unreadable(what + " is a number that is too large");
        }
        return number;
    }

    /** A whole number from 0 to 2^63-1. */
    long whole(String what) throws IOException {
        expect(JsonToken.VALUE_NUMBER_INT, what, "a whole number");
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getLongValue() < 0) {
            throw ApiError.unreadable(
                    what + " must be from 0 to 2^63-1, and is " + LabelRules.shown(json.getText()));
        }
        return json.getLongValue();
    }

    /** A whole number from 0 to a bound, which is not reached. */
    int index(String what, int bound) throws IOException {
        double number = number(what);
        if (number < 0 || number >= bound || number != Math.rint(number)) {
            throw ApiError.unreadable(
                    what + " must be a whole number below " + bound + ", and is " + number);
        }
        return (int) number;
    }

    /** A line of a source file; 0 for what is none. */
    int line() throws IOException {
        JsonToken token = json.currentToken();
        if (token == null || !token.isNumeric()) {
            return 0;
        }
        double line = json.getDoubleValue();
        return line >= 1 && line <= Integer.MAX_VALUE ? (int) line : 0;
    }

    private void expect(JsonToken token, String what, String form) {
        if (json.currentToken() != token) {
            throw unexpected(what, form);
        }
    }

    private ApiError unexpected(String what, String form) {
        return ApiError.unreadable(
                what
                        + " must be "
                        + form
                        + ", at line "
                        + json.currentLocation().getLineNr()
                        + " of the file");
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
