package io.flarepath.api.query.page;

import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.server.Tenant;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.TimeRange;
import io.vertx.ext.web.RoutingContext;

/**
 * What every route of the page reads from a request, on the event loop, before any work is handed
 * to a worker.
 *
 * @param parameters the others
 * @param query tenant, type, selector and range
 */
record PageQuery(Parameters parameters, ProfileQuery query) {

    /** Reads type, query, from, until. */
    static PageQuery of(RoutingContext context) {
        return of(context, "query", "from", "until");
    }

    /** Reads one side of a diff. */
    static PageQuery of(RoutingContext context, String query, String from, String until) {
        Parameters parameters = Parameters.of(context);
        TimeRange range = PageTime.range(parameters, from, until, System.currentTimeMillis());
        return new PageQuery(
                parameters,
                new ProfileQuery(
                        Tenant.forReading(context),
                        parameters.type("type"),
                        parameters.selector(query),
                        range));
    }

    /** The step for the wanted number of points. */
    long stepNanos(int mostPoints) {
        return Steps.nanos(query.range(), parameters.count("points", 60, mostPoints));
    }
}
