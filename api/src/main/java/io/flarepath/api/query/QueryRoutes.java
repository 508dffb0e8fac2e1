package io.flarepath.api.query;

import io.flarepath.api.agents.AgentRoutes;
import io.flarepath.api.agents.Agents;
import io.flarepath.api.assets.AssetRoutes;
import io.flarepath.api.query.connect.DrilldownRoutes;
import io.flarepath.api.query.connect.QuerierRoutes;
import io.flarepath.api.query.page.PageRoutes;
import io.flarepath.api.query.pyroscope.PyroscopeRoutes;
import io.flarepath.api.query.request.CrossTenantStore;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.store.ProfileStore;
import io.vertx.ext.web.Router;

/**
 * All routes that read: the page's, Pyroscope's, Connect's, the agents', the page itself. The
 * router's failure handler answers what they refuse.
 */
public final class QueryRoutes implements ApiServer.Routes {
    private final ProfileStore store;
    private final BlockingCalls calls;
    private final Agents agents;
    private final QueryLimits limits;

    /**
     * Routes that read from a store.
     *
     * @param calls where the store is asked and answers are written
     * @param agents the agents that are heard
     * @param limits how much a query may ask for
     */
    public QueryRoutes(ProfileStore store, BlockingCalls calls, Agents agents, QueryLimits limits) {
        this.store = new CrossTenantStore(store);
        this.calls = calls;
        this.agents = agents;
        this.limits = limits;
    }

    @Override
    public void mount(Router router) {
        BlockingCalls bounded = calls.within(limits::allowance);
        new PageRoutes(store, bounded, limits).mount(router);
        new AgentRoutes(agents, calls).mount(router);
        new PyroscopeRoutes(store, bounded, limits).mount(router);
        new QuerierRoutes(store, bounded, limits).mount(router);
        new DrilldownRoutes(store, calls).mount(router);
        new AssetRoutes(calls).mount(router);
    }
}
