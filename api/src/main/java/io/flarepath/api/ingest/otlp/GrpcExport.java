package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.server.rpc.RpcAnswer;
import io.flarepath.api.server.rpc.RpcMessage;
import io.flarepath.api.server.rpc.RpcProtocol;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;

/**
 * The unary calls {@code Export} of {@code ProfilesService}, {@code MetricsService} and {@code
 * TraceService} over gRPC: a frame of five bytes and a message each way, the status in trailers
 * (grpc.io, PROTOCOL-HTTP2).
 *
 * <p>Why not Vert.x's GrpcServer: it gathers a message in memory and hands it over on the event
 * loop before any limit of ours has a say. This way the body is read like every other.
 */
final class GrpcExport {
    static final String METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    static final String TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    static final String PROFILES =
            "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";

    private static final int UNREADABLE = 400;
    private static final byte[] NOTHING = {};

    private final Uploads uploads;
    private final Limits limits;
    private final OtlpDecoder decoder;
    private final MetricsDecoder metrics;
    private final TracesDecoder traces;

    GrpcExport(
            Uploads uploads,
            Limits limits,
            OtlpDecoder decoder,
            MetricsDecoder metrics,
            TracesDecoder traces) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = decoder;
        this.metrics = metrics;
        this.traces = traces;
    }

    void profiles(RoutingContext context) {
        export(
                context,
                "/v1development/profiles",
                (tenant, message) ->
                        uploads.take(
                                        context,
                                        "otlp_grpc",
                                        tenant,
                                        UNREADABLE,
                                        (body, memory) ->
                                                decoder.protobuf(
                                                        () -> message.open(body, this::inflated),
                                                        memory))
                                .map(stored -> NOTHING));
    }

    void metrics(RoutingContext context) {
        export(
                context,
                "/v1/metrics",
                (tenant, message) ->
                        uploads.takeMetrics(
                                        context,
                                        "otlp_grpc",
                                        tenant,
                                        (body, memory) ->
                                                metrics.decode(
                                                        () -> message.open(body, this::inflated),
                                                        false,
                                                        memory))
                                .map(rejected -> OtlpRoutes.ofMetrics(rejected).toByteArray()));
    }

    void traces(RoutingContext context) {
        export(
                context,
                "/v1/traces",
                (tenant, message) ->
                        uploads.takeCalls(
                                        context,
                                        "otlp_grpc",
                                        tenant,
                                        (body, memory) ->
                                                traces.decode(
                                                        () -> message.open(body, this::inflated),
                                                        false,
                                                        memory))
                                .map(rejected -> OtlpRoutes.ofTraces(rejected).toByteArray()));
    }

    /** Takes what one signal sends. */
    @FunctionalInterface
    private interface Signal {
        /** The answer, once it is stored. */
        Future<byte[]> take(String tenant, RpcMessage message);
    }

    private void export(RoutingContext context, String overHttp, Signal signal) {
        RpcProtocol protocol = RpcProtocol.of(context);
        if (protocol != RpcProtocol.GRPC) {
            throw new ApiError(
                    415,
                    "invalid_argument",
                    "this path speaks gRPC over HTTP/2; plain HTTP has " + overHttp);
        }
        String tenant;
        RpcMessage message;
        try {
            tenant = Tenant.of(context);
            message = RpcMessage.of(protocol, context);
        } catch (ApiError refusal) {
            refuse(context, uploads.refused("otlp_grpc", refusal));
            return;
        }
        signal.take(tenant, message)
                .onSuccess(answer -> RpcAnswer.send(context, protocol, answer))
                .onFailure(failure -> refuse(context, Failures.errorOf(failure, context)));
    }

    private InputStream inflated(InputStream compressed) throws IOException {
        return InflatedInput.gunzipped(compressed, limits.inflatedBytes());
    }

    private static void refuse(RoutingContext context, ApiError error) {
        RpcAnswer.refuse(context, RpcProtocol.GRPC, error, statusOf(error));
    }

    /** OTLP's senders try again after UNAVAILABLE and give up after the others. */
    private static int statusOf(ApiError error) {
        return switch (error.status()) {
            case 401 -> 16;
            case 403 -> 7;
            case 404, 415, 501 -> 12;
            case 408 -> 4;
            case 413 -> 8;
            case 429, 503 -> 14;
            default -> error.status() < 500 ? 3 : 13;
        };
    }
}
