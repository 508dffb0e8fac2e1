package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the parts of a {@code multipart/form-data} body (RFC 7578) without holding it: each part is
 * known by where it lies in the body.
 */
final class Multipart {
    private static final Pattern BOUNDARY =
            Pattern.compile(
                    "boundary=(?:\"([^\"]{1,70})\"|([^;\\s]{1,70}))", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME =
            Pattern.compile("[;\\s]name=(?:\"([^\"]*)\"|([^;\\s]+))", Pattern.CASE_INSENSITIVE);
    private static final int MOST_PARTS = 32;
    private static final int MOST_HEADER_BYTES = 16 << 10;

    private final InputStream in;
    private final byte[] delimiter;
    private final int[] fallback;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private long at;

    /**
     * Where a part lies in the body.
     *
     * @param offset its first byte
     * @param length its number of bytes
     */
    record Part(long offset, long length) {}

    private Multipart(InputStream in, String boundary) {
        this.in = new BufferedInputStream(in, 64 << 10);
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        this.fallback = fallbackOf(delimiter);
    }

    /**
     * The parts by name; the first of several holds.
     *
     * @throws ApiError 422 for what is no such body
     */
    static Map<String, Part> parts(InputStream body, String contentType) throws IOException {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!boundary.find()) {
            throw ApiError.unreadable("the content type multipart/form-data names no boundary");
        }
        String quoted = boundary.group(1);
        Multipart multipart =
                new Multipart(body, quoted != null ? quoted : String.valueOf(boundary.group(2)));
        multipart.read();
        return multipart.parts;
    }

    private void read() throws IOException {
        // The first delimiter has no line break before it.
        int state = toDelimiter(2);
        while (state >= 0) {
            int first = next();
            int second = next();
            if (first == '-' && second == '-') {
                return;
            }
            if (first != '\r' || second != '\n') {
                throw ApiError.unreadable("a boundary of the form is not followed by a line break");
            }
            String name = headers();
            long offset = at;
            state = toDelimiter(0);
            long length = at - offset - delimiter.length;
            if (parts.size() >= MOST_PARTS) {
                throw ApiError.unreadable("the form has more than " + MOST_PARTS + " parts");
            }
            parts.putIfAbsent(name, new Part(offset, length));
        }
    }

    private int next() throws IOException {
        int one = in.read();
        if (one < 0) {
            throw cut();
        }
        at++;
        return one;
    }

    private static ApiError cut() {
        return ApiError.unreadable("the form ends before its last boundary: it is cut");
    }

    /** Knuth, Morris and Pratt: never looks at a byte twice. */
    private int toDelimiter(int matched) throws IOException {
        int state = matched;
        while (state < delimiter.length) {
            byte one = (byte) next();
            while (state > 0 && delimiter[state] != one) {
                state = fallback[state - 1];
            }
            if (delimiter[state] == one) {
                state++;
            }
        }
        return state;
    }

    private static int[] fallbackOf(byte[] pattern) {
        int[] fallback = new int[pattern.length];
        int state = 0;
        for (int i = 1; i < pattern.length; i++) {
            while (state > 0 && pattern[i] != pattern[state]) {
                state = fallback[state - 1];
            }
            if (pattern[i] == pattern[state]) {
                state++;
            }
            fallback[i] = state;
        }
        return fallback;
    }

    private String headers() throws IOException {
        String name = "";
        int bytes = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            bytes += line.length();
            if (bytes > MOST_HEADER_BYTES) {
                throw ApiError.unreadable(
                        "the head of a part has more than " + MOST_HEADER_BYTES + " bytes");
            }
            if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
                Matcher matcher = NAME.matcher(line);
                if (matcher.find()) {
                    String quoted = matcher.group(1);
                    name = quoted != null ? quoted : String.valueOf(matcher.group(2));
                }
            }
        }
        return name;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = next(); c != '\n'; c = next()) {
            if (line.length() > MOST_HEADER_BYTES) {
                throw ApiError.unreadable(
                        "the head of a part has more than " + MOST_HEADER_BYTES + " bytes");
            }
            line.append((char) c);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }
}
