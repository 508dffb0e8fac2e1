package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.TemporaryFiles;
import io.flarepath.api.server.Tenant;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/** {@code POST /ingest} and {@code /pyroscope/ingest}. */
public final class PyroscopeRoutes implements ApiServer.Routes {
    private static final int UNREADABLE = 422;

    private final Uploads uploads;
    private final Limits limits;
    private final UploadClock clock;
    private final PyroscopeDecoder decoder;

    /** Routes that decode under the limits. */
    public PyroscopeRoutes(
            Uploads uploads, TemporaryFiles files, Limits limits, UploadClock clock) {
        this.uploads = uploads;
        this.limits = limits;
        this.clock = clock;
        this.decoder = new PyroscopeDecoder(files, limits, clock);
    }

    @Override
    public void mount(Router router) {
        router.post("/ingest").handler(this::ingest);
        router.post("/pyroscope/ingest").handler(this::ingest);
    }

    /** What the URL already shows to be wrong is refused before the body is read. */
    private void ingest(RoutingContext context) {
        QueryParameters parameters = QueryParameters.parse(context.request().query());
        String type = header(context, "Content-Type");
        UploadFormat format;
        IngestRequest request;
        String tenant;
        boolean gzip;
        try {
            tenant = Tenant.of(context);
            request = IngestRequest.of(parameters, clock);
            format = UploadFormat.choose(parameters.get("format"), type);
            gzip = isGzip(header(context, "Content-Encoding"));
        } catch (ApiError refusal) {
            throw uploads.refused("pyroscope", refusal);
        }
        uploads.take(
                        context,
                        format.name().toLowerCase(Locale.ROOT),
                        tenant,
                        UNREADABLE,
                        (body, memory) ->
                                decoder.decode(
                                        format, type, request, source(format, body, gzip), memory))
                .onSuccess(stored -> context.response().setStatusCode(200).end())
                .onFailure(failure -> Uploads.refuse(context, failure));
    }

    /** A form may hold a recording, and is then as long as that may be. */
    private PyroscopeDecoder.Source source(UploadFormat format, RequestBody body, boolean gzip) {
        boolean recording = format == UploadFormat.JFR || format == UploadFormat.FORM;
        long most = recording ? limits.recordingBytes() : limits.inflatedBytes();
        String setting = recording ? "limits.recording" : "limits.inflated";
        return gzip ? () -> InflatedInput.gunzipped(body.open(), most, setting) : body::open;
    }

    private static String header(RoutingContext context, String name) {
        String value = context.request().getHeader(name);
        return value == null ? "" : value;
    }

    private static boolean isGzip(String encoding) {
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "", "identity" -> false;
            case "gzip", "x-gzip" -> true;
            default ->
                    throw new ApiError(
                            415,
                            "invalid_argument",
                            "the content encoding " + encoding + " is not known; gzip is");
        };
    }
}
