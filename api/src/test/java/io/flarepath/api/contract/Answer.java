package io.flarepath.api.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/**
 * An answer that follows the description.
 *
 * @param status HTTP status
 * @param headers its headers
 * @param raw its body as it came
 */
public record Answer(int status, HttpHeaders headers, byte[] raw) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A header, or an empty text. */
    public String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /** The body, inflated where it was compressed. */
    public byte[] body() {
        if (!header("Content-Encoding").equals("gzip")) {
            return raw;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(raw))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body as text. */
    public String text() {
        return new String(body(), StandardCharsets.UTF_8);
    }

    /** The body as JSON. */
    public JsonNode json() {
        try {
            return JSON.readTree(text());
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text(), e);
        }
    }

    /** The field {@code message} of an error. */
    public String message() {
        return json().path("message").asText();
    }
}
