package io.flarepath.api.query.connect;

import io.flarepath.api.ingest.pyroscope.ProfileFileDecoder;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.vertx.ext.web.Router;

/** adhocprofiles.v1.AdHocProfileService: files with profiles that are looked at by themselves. */
public final class AdHocRoutes implements ApiServer.Routes {
    private static final int BODIES_IN_FILES = 4;

    private final ConnectRoutes routes;

    /**
     * Routes that keep files in the server's store.
     *
     * @param calls a pool of their own: one such message takes the room of many questions
     */
    public AdHocRoutes(
            ApiServer.Services services,
            ServerOptions options,
            BlockingCalls calls,
            QueryLimits queries,
            AdHocLimits limits) {
        BodyReader bodies =
                new BodyReader(
                        limits.bodyBytes(),
                        "limits.ad-hoc-file",
                        BODIES_IN_FILES,
                        options.limits().pending(),
                        services.memory(),
                        options.temporary(),
                        options.patience());
        Limits uploads = options.limits();
        AdHocMethods methods =
                new AdHocMethods(
                        services.store(),
                        new ProfileFileDecoder(services.files(), uploads),
                        services.memory(),
                        queries,
                        limits);
        this.routes =
                new ConnectRoutes(
                        calls,
                        "adhocprofiles.v1.AdHocProfileService",
                        methods.methods(),
                        limits.bodyBytes(),
                        bodies::read);
    }

    @Override
    public void mount(Router router) {
        routes.mount(router);
    }
}
