package io.flarepath.api.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Computes a JSON answer off the event loop, compresses it for clients that accept gzip, and sends
 * it. Nothing is sent before all is computed, so that a failure is still answered as one.
 */
public final class JsonAnswer {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonAnswer() {}

    /** Computes and writes the answer; runs on a worker, may block. */
    @FunctionalInterface
    public interface Body {
        /** Writes one JSON value. */
        void write(JsonGenerator json) throws IOException;
    }

    /** Answers with 200 and what the body writes; failures go to the router's failure handler. */
    public static void send(RoutingContext context, BlockingCalls calls, Body body) {
        sent(context, calls, body).onFailure(context::fail);
    }

    /** Like {@link #send}, but the caller answers failures. */
    public static Future<Void> sent(RoutingContext context, BlockingCalls calls, Body body) {
        return ComputedAnswer.sent(context, calls, "application/json", () -> encode(body));
    }

    /** The bytes of an answer, not compressed. */
    public static byte[] encode(Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            body.write(json);
        }
        return bytes.toByteArray();
    }

    /** Compresses fast: a browser waits for it. */
    public static byte[] compress(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(plain.length / 4 + 64);
        try (OutputStream gzip = new FastGzip(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    /** Whether an Accept-Encoding header takes gzip with a quality above 0. */
    public static boolean acceptsGzip(@org.jspecify.annotations.Nullable String header) {
        if (header == null) {
            return false;
        }
        for (String offer : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = offer.split(";", 2);
            if (parts[0].strip().equals("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }

    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 8_192);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
