package io.flarepath.api.query.connect;

import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.store.ProfileStore;
import io.vertx.ext.web.Router;
import java.util.HashMap;
import java.util.Map;

/** querier.v1.QuerierService: what Grafana's data source, Drilldown and profilecli call. */
public final class QuerierRoutes {
    private final ConnectRoutes routes;

    /** Routes that read from the store. */
    public QuerierRoutes(ProfileStore store, BlockingCalls calls, QueryLimits limits) {
        Map<String, ConnectMethod> methods = new HashMap<>();
        methods.putAll(new LabelMethods(store).methods());
        methods.putAll(new MergeMethods(store, limits).methods());
        methods.putAll(new SeriesMethods(store, limits).methods());
        methods.putAll(new StoreMethods(store).methods());
        this.routes = new ConnectRoutes(calls, "querier.v1.QuerierService", methods);
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        routes.mount(router);
    }
}
