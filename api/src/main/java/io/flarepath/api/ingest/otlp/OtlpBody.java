package io.flarepath.api.ingest.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.RequestBody;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * What the head of a request over HTTP says of its body.
 *
 * @param json whether it is JSON, and not protobuf
 * @param gzip whether it is compressed
 */
record OtlpBody(boolean json, boolean gzip) {

    /**
     * Reads the head.
     *
     * @throws ApiError 415 for what is not known
     */
    static OtlpBody of(RoutingContext context) {
        return new OtlpBody(isJson(mediaType(context)), isGzip(context));
    }

    InputStream open(RequestBody body, Limits limits) throws IOException {
        return gzip
                ? InflatedInput.gunzipped(body.open(), limits.inflatedBytes())
                : new BufferedInputStream(body.open());
    }

    /** Answers with a message in the same encoding. */
    void answer(RoutingContext context, Message message) {
        context.response()
                .putHeader("Content-Type", json ? "application/json" : "application/x-protobuf");
        if (!json) {
            context.response().end(Buffer.buffer(message.toByteArray()));
            return;
        }
        try {
            context.response()
                    .end(JsonFormat.printer().omittingInsignificantWhitespace().print(message));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer of ours cannot be printed", e);
        }
    }

    private static String mediaType(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        String plain = type == null ? "" : type;
        int parameters = plain.indexOf(';');
        return (parameters < 0 ? plain : plain.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static boolean isJson(String type) {
        return switch (type) {
            case "application/json" -> true;
            case "application/x-protobuf", "application/protobuf" -> false;
            default ->
                    throw new ApiError(
                            415,
                            "invalid_argument",
                            "OTLP comes as application/x-protobuf or application/json, not as \""
                                    + type
                                    + "\"");
        };
    }

    private static boolean isGzip(RoutingContext context) {
        String encoding = context.request().getHeader("Content-Encoding");
        return switch (encoding == null ? "" : encoding.toLowerCase(Locale.ROOT)) {
            case "", "identity" -> false;
            case "gzip" -> true;
            default ->
                    throw new ApiError(
                            415,
                            "invalid_argument",
                            "the content encoding " + encoding + " is not known; gzip is");
        };
    }
}
