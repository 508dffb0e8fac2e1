package io.flarepath.api.ingest;

import io.flarepath.api.ingest.otlp.OtlpRoutes;
import io.flarepath.api.ingest.push.PushRoutes;
import io.flarepath.api.ingest.pyroscope.PyroscopeRoutes;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Limits;
import io.vertx.ext.web.Router;
import java.util.List;

/** The ways in which profiles, metrics and calls come in. */
public final class IngestRoutes implements ApiServer.Routes {
    private final List<ApiServer.Routes> protocols;

    private IngestRoutes(List<ApiServer.Routes> protocols) {
        this.protocols = protocols;
    }

    /**
     * All protocols; they decode under the limits and write to the server's store.
     *
     * @param services what the server lends
     * @param limits what is refused
     * @param clock which times a profile may have
     * @param calls which times a call may have
     */
    public static IngestRoutes all(
            ApiServer.Services services, Limits limits, UploadClock clock, UploadClock calls) {
        Uploads uploads = new Uploads(services);
        return new IngestRoutes(
                List.of(
                        new PyroscopeRoutes(uploads, services.files(), limits, clock),
                        new PushRoutes(uploads, limits, clock),
                        new OtlpRoutes(uploads, limits, clock, calls)));
    }

    /** OTLP alone, over HTTP and gRPC: what its own ports take. */
    public static IngestRoutes otlp(
            ApiServer.Services services, Limits limits, UploadClock clock, UploadClock calls) {
        return new IngestRoutes(
                List.of(new OtlpRoutes(new Uploads(services), limits, clock, calls)));
    }

    @Override
    public void mount(Router router) {
        protocols.forEach(protocol -> protocol.mount(router));
    }
}
