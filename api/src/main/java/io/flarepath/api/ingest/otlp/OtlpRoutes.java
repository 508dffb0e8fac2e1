package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.Tenant;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.util.Locale;

/** {@code POST /v1development/profiles}: OTLP over HTTP, in protobuf and in JSON. */
public final class OtlpRoutes implements ApiServer.Routes {
    private static final int UNREADABLE = 400;

    private final Uploads uploads;
    private final Limits limits;
    private final OtlpDecoder decoder;

    /** Routes that decode under the limits. */
    public OtlpRoutes(Uploads uploads, Limits limits, UploadClock clock) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = new OtlpDecoder(limits, clock);
    }

    @Override
    public void mount(Router router) {
        router.post("/v1development/profiles").handler(this::export);
        router.post(GrpcExport.PATH).handler(new GrpcExport(uploads, limits, decoder)::export);
    }

    private void export(RoutingContext context) {
        boolean json;
        boolean gzip;
        String tenant;
        try {
            tenant = Tenant.of(context);
            json = isJson(mediaType(context));
            gzip = isGzip(context);
        } catch (ApiError refusal) {
            throw uploads.refused("otlp", refusal);
        }
        uploads.take(
                        context,
                        json ? "otlp_json" : "otlp",
                        tenant,
                        UNREADABLE,
                        (body, memory) -> {
                            OtlpDecoder.Source source = () -> open(body, gzip);
                            return json
                                    ? decoder.json(source, memory)
                                    : decoder.protobuf(source, memory);
                        })
                .onSuccess(stored -> answer(context, json))
                .onFailure(failure -> Uploads.refuse(context, failure));
    }

    private InputStream open(RequestBody body, boolean gzip) throws java.io.IOException {
        return gzip
                ? InflatedInput.gunzipped(body.open(), limits.inflatedBytes())
                : new BufferedInputStream(body.open());
    }

    /** An empty ExportProfilesServiceResponse: everything was taken. */
    private static void answer(RoutingContext context, boolean json) {
        context.response()
                .putHeader("Content-Type", json ? "application/json" : "application/x-protobuf");
        if (json) {
            context.response().end("{}");
        } else {
            context.response().end();
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
