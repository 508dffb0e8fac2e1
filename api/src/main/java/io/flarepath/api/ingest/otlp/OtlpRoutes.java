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
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code POST /v1development/profiles} and {@code /v1/metrics}: OTLP over HTTP, in protobuf and in
 * JSON, and the same over gRPC.
 */
public final class OtlpRoutes implements ApiServer.Routes {
    private static final int UNREADABLE = 400;

    private final Uploads uploads;
    private final Limits limits;
    private final OtlpDecoder decoder;
    private final MetricsDecoder metrics;

    /** Routes that decode under the limits. */
    public OtlpRoutes(Uploads uploads, Limits limits, UploadClock clock) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = new OtlpDecoder(limits, clock);
        this.metrics = new MetricsDecoder(limits, clock);
    }

    @Override
    public void mount(Router router) {
        router.post("/v1development/profiles").handler(context -> export(context, this::profiles));
        router.post("/v1/metrics").handler(context -> export(context, this::metrics));
        GrpcExport grpc = new GrpcExport(uploads, limits, decoder, metrics);
        router.post(GrpcExport.PROFILES).handler(grpc::profiles);
        router.post(GrpcExport.METRICS).handler(grpc::metrics);
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
                .map(OtlpRoutes::answer);
    }

    /** Empty when everything was taken; else it says how many points were not, and why. */
    static Message answer(Rejected rejected) {
        ExportMetricsServiceResponse.Builder answer = ExportMetricsServiceResponse.newBuilder();
        if (rejected.points() > 0) {
            answer.getPartialSuccessBuilder()
                    .setRejectedDataPoints(rejected.points())
                    .setErrorMessage(rejected.reason());
        }
        return answer.build();
    }
}
