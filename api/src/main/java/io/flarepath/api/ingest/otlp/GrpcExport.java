package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.Tenant;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The unary call {@code ProfilesService/Export} over gRPC: a frame of five bytes and a message each
 * way, the status in trailers (grpc.io, PROTOCOL-HTTP2).
 *
 * <p>Why not Vert.x's GrpcServer: it gathers a message in memory and hands it over on the event
 * loop before any limit of ours has a say. This way the body is read like every other.
 */
final class GrpcExport {
    static final String PATH =
            "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";

    private static final int UNREADABLE = 400;
    private static final int HEAD_BYTES = 5;

    private final Uploads uploads;
    private final Limits limits;
    private final OtlpDecoder decoder;

    GrpcExport(Uploads uploads, Limits limits, OtlpDecoder decoder) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = decoder;
    }

    void export(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        boolean grpc = type != null && type.toLowerCase(Locale.ROOT).startsWith("application/grpc");
        if (!grpc
                || type.contains("grpc-web")
                || context.request().version() != HttpVersion.HTTP_2) {
            throw new ApiError(
                    415,
                    "invalid_argument",
                    "this path speaks gRPC over HTTP/2; plain HTTP has /v1development/profiles");
        }
        String encoding = context.request().getHeader("grpc-encoding");
        String tenant;
        try {
            tenant = Tenant.of(context);
        } catch (ApiError refusal) {
            refuse(context, uploads.refused("otlp_grpc", refusal));
            return;
        }
        uploads.take(
                        context,
                        "otlp_grpc",
                        tenant,
                        UNREADABLE,
                        (body, memory) -> decode(body, encoding == null ? "" : encoding, memory))
                .onSuccess(stored -> succeed(context))
                .onFailure(failure -> refuse(context, Failures.errorOf(failure, context)));
    }

    private Decoded decode(RequestBody body, String encoding, UploadMemory memory)
            throws IOException {
        boolean compressed;
        try (DataInputStream head = new DataInputStream(body.open())) {
            compressed = head.readUnsignedByte() == 1;
            long length = Integer.toUnsignedLong(head.readInt());
            if (length != body.bytes() - HEAD_BYTES) {
                throw ApiError.invalid(
                        "a unary call has one message: the frame announces "
                                + length
                                + " bytes, there are "
                                + (body.bytes() - HEAD_BYTES));
            }
        }
        if (compressed && !encoding.equals("gzip")) {
            throw new ApiError(
                    415,
                    "unimplemented",
                    "the grpc-encoding \"" + encoding + "\" is not known; gzip is");
        }
        return decoder.protobuf(() -> open(body, compressed), memory);
    }

    private InputStream open(RequestBody body, boolean compressed) throws IOException {
        InputStream in = body.open();
        in.skipNBytes(HEAD_BYTES);
        return compressed ? InflatedInput.gunzipped(in, limits.inflatedBytes()) : in;
    }

    private static HttpServerResponse head(RoutingContext context) {
        return context.response()
                .setStatusCode(200)
                .putHeader("Content-Type", "application/grpc+proto")
                // Keeps the server's own compression of answers away from the frame.
                .putHeader("Content-Encoding", "identity");
    }

    private static void succeed(RoutingContext context) {
        HttpServerResponse response = head(context);
        response.putTrailer("grpc-status", "0");
        response.end(Buffer.buffer(new byte[HEAD_BYTES]));
    }

    private static void refuse(RoutingContext context, ApiError error) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        String message =
                URLEncoder.encode(String.valueOf(error.getMessage()), StandardCharsets.UTF_8)
                        .replace("+", "%20");
        head(context)
                .putHeader("grpc-status", Integer.toString(statusOf(error)))
                .putHeader("grpc-message", message);
        if (!context.request().isEnded()) {
            context.request().handler(discarded -> {}).resume();
        }
        response.end();
    }

    /** OTLP's senders try again after UNAVAILABLE and give up after the others. */
    private static int statusOf(ApiError error) {
        return switch (error.status()) {
            case 401 -> 16;
            case 403 -> 7;
            case 404, 415 -> 12;
            case 408 -> 4;
            case 413 -> 8;
            case 429, 503 -> 14;
            default -> error.status() < 500 ? 3 : 13;
        };
    }
}
