package io.flarepath.api.ingest.otlp;

import com.google.protobuf.Message;
import io.flarepath.api.ingest.upload.Rejected;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.Tenant;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code POST /v1development/profiles}, {@code /v1/metrics} and {@code /v1/traces}: OTLP over HTTP,
 * in protobuf and in JSON, and the same over gRPC.
 */
public final class OtlpRoutes implements ApiServer.Routes {
    private static final int UNREADABLE = 400;

    private final Uploads uploads;
    private final Limits limits;
    private final OtlpDecoder decoder;
    private final MetricsDecoder metrics;
    private final TracesDecoder traces;

    /**
     * Routes that decode under the limits.
     *
     * @param clock which times profiles and metrics may have
     * @param calls which times calls may have
     */
    public OtlpRoutes(Uploads uploads, Limits limits, UploadClock clock, UploadClock calls) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = new OtlpDecoder(limits, clock);
        this.metrics = new MetricsDecoder(limits, clock);
        this.traces = new TracesDecoder(limits, calls);
    }

    @Override
    public void mount(Router router) {
        router.post("/v1development/profiles").handler(context -> export(context, this::profiles));
        router.post("/v1/metrics").handler(context -> export(context, this::metrics));
        router.post("/v1/traces").handler(context -> export(context, this::traces));
        GrpcExport grpc = new GrpcExport(uploads, limits, decoder, metrics, traces);
        router.post(GrpcExport.PROFILES).handler(grpc::profiles);
        router.post(GrpcExport.METRICS).handler(grpc::metrics);
        router.post(GrpcExport.TRACES).handler(grpc::traces);
    }

    /** Takes what one signal sends. */
    @FunctionalInterface
    private interface Signal {
        /** The answer, once it is stored. */
        Future<Message> take(RoutingContext context, String tenant, OtlpBody body);
    }

    private void export(RoutingContext context, Signal signal) {
        OtlpBody body;
        String tenant;
        try {
            tenant = Tenant.of(context);
            body = OtlpBody.of(context);
        } catch (ApiError refusal) {
            throw uploads.refused("otlp", refusal);
        }
        signal.take(context, tenant, body)
                .onSuccess(message -> body.answer(context, message))
                .onFailure(failure -> Uploads.refuse(context, failure));
    }

    private static String format(OtlpBody body) {
        return body.json() ? "otlp_json" : "otlp";
    }

    private Future<Message> profiles(RoutingContext context, String tenant, OtlpBody head) {
        return uploads.take(
                        context,
                        format(head),
                        tenant,
                        UNREADABLE,
                        (body, memory) -> {
                            OtlpMessages.Source source = () -> head.open(body, limits);
                            return head.json()
                                    ? decoder.json(source, memory)
                                    : decoder.protobuf(source, memory);
                        })
                // An empty one: everything was taken.
                .map(stored -> ExportProfilesServiceResponse.getDefaultInstance());
    }

    private Future<Message> metrics(RoutingContext context, String tenant, OtlpBody head) {
        return uploads.takeMetrics(
                        context,
                        format(head),
                        tenant,
                        (body, memory) ->
                                metrics.decode(() -> head.open(body, limits), head.json(), memory))
                .map(OtlpRoutes::ofMetrics);
    }

    private Future<Message> traces(RoutingContext context, String tenant, OtlpBody head) {
        return uploads.takeCalls(
                        context,
                        format(head),
                        tenant,
                        (body, memory) ->
                                traces.decode(() -> head.open(body, limits), head.json(), memory))
                .map(OtlpRoutes::ofTraces);
    }

    /** Empty when everything was taken; else it says how many points were not, and why. */
    static Message ofMetrics(Rejected rejected) {
        ExportMetricsServiceResponse.Builder answer = ExportMetricsServiceResponse.newBuilder();
        if (rejected.parts() > 0) {
            answer.getPartialSuccessBuilder()
                    .setRejectedDataPoints(rejected.parts())
                    .setErrorMessage(rejected.reason());
        }
        return answer.build();
    }

    /** The same of spans. */
    static Message ofTraces(Rejected rejected) {
        ExportTraceServiceResponse.Builder answer = ExportTraceServiceResponse.newBuilder();
        if (rejected.parts() > 0) {
            answer.getPartialSuccessBuilder()
                    .setRejectedSpans(rejected.parts())
                    .setErrorMessage(rejected.reason());
        }
        return answer.build();
    }
}
