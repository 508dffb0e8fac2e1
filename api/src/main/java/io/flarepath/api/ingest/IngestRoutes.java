package io.flarepath.api.ingest;

import io.flarepath.api.ingest.otlp.OtlpRoutes;
import io.flarepath.api.ingest.pyroscope.PyroscopeRoutes;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Limits;
import io.vertx.ext.web.Router;
import java.util.List;

/** All ways in which profiles come in. */
public final class IngestRoutes implements ApiServer.Routes {
    private final List<ApiServer.Routes> protocols;

    /**
     * Routes that decode under the limits and write to the server's store.
     *
     * @param services what the server lends
     * @param limits what is refused
     * @param clock which times a profile may have
     */
    public IngestRoutes(ApiServer.Services services, Limits limits, UploadClock clock) {
        Uploads uploads = new Uploads(services);
        this.protocols =
                List.of(
                        new PyroscopeRoutes(uploads, limits, clock),
                        new OtlpRoutes(uploads, limits, clock));
    }

    @Override
    public void mount(Router router) {
        protocols.forEach(protocol -> protocol.mount(router));
    }
}
