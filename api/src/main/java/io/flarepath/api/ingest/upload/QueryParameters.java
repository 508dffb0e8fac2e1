package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a URL, decoded strictly: what is not valid UTF-8 is refused, not replaced, so
 * that a label is stored as it was sent or not at all. The first of several equal names holds.
 */
public final class QueryParameters {
    private final Map<String, String> values = new HashMap<>();

    private QueryParameters() {}

    /**
     * Parses what stands behind the question mark.
     *
     * @throws ApiError 400 for a damaged escape or invalid UTF-8
     */
    public static QueryParameters parse(@Nullable String query) {
        QueryParameters parameters = new QueryParameters();
        if (query == null) {
            return parameters;
        }
        int at = 0;
        while (at <= query.length()) {
            int end = query.indexOf('&', at);
            end = end < 0 ? query.length() : end;
            parameters.add(query.substring(at, end));
            at = end + 1;
        }
        return parameters;
    }

    private void add(String pair) {
        if (pair.isEmpty()) {
            return;
        }
        int equals = pair.indexOf('=');
        String rawName = equals < 0 ? pair : pair.substring(0, equals);
        String name = decode(rawName, "a name");
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1), shownName(name));
        values.putIfAbsent(name, value);
    }

    private static String shownName(String name) {
        return LabelRules.shown(name);
    }

    private static String decode(String text, String what) {
        ByteBuffer bytes = ByteBuffer.allocate(3 * text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.put(escaped(text, i, what));
                i += 2;
            } else if (c == '+') {
                bytes.put((byte) ' ');
            } else {
                // The server hands the request line over as Latin-1, one character a byte.
                bytes.put((byte) c);
            }
        }
        bytes.flip();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw ApiError.invalid("the parameter " + what + " of the URL is not valid UTF-8");
        }
    }

    private static byte escaped(String text, int at, String what) {
        int high = at + 2 <= text.length() - 1 ? Character.digit(text.charAt(at + 1), 16) : -1;
        int low = at + 2 <= text.length() - 1 ? Character.digit(text.charAt(at + 2), 16) : -1;
        if (high < 0 || low < 0) {
            throw ApiError.invalid(
                    "the parameter "
                            + what
                            + " of the URL has a \"%\" without two hexadecimal digits");
        }
        return (byte) (high << 4 | low);
    }

    /** A parameter, or the empty text when it is not there. */
    public String get(String name) {
        return values.getOrDefault(name, "");
    }

    /** Whether a parameter is there. */
    public boolean has(String name) {
        return values.containsKey(name);
    }
}
