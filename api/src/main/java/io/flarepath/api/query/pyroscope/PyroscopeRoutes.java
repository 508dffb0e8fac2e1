package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.time.Attime;
import io.flarepath.api.time.Instants;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;

/** Pyroscope's GET routes. Its selectors say which profilers are meant: none is left out here. */
public final class PyroscopeRoutes {
    private static final int DEFAULT_NODES = 8_192;
    private static final int MOST_GROUP_LABELS = 16;

    private final ProfileStore store;
    private final BlockingCalls calls;
    private final QueryLimits limits;

    /** Routes that read from the store. */
    public PyroscopeRoutes(ProfileStore store, BlockingCalls calls, QueryLimits limits) {
        this.store = store;
        this.calls = calls;
        this.limits = limits;
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        router.get("/pyroscope/render").handler(this::render);
        router.get("/pyroscope/render-diff").handler(this::renderDiff);
        router.get("/pyroscope/label-values").handler(this::labelValues);
    }

    private void render(RoutingContext context) {
        Parameters parameters = Parameters.of(context);
        if (parameters.text("format", "json").equals("dot")) {
            throw ApiError.invalid("format=dot is not supported yet: leave format out for JSON");
        }
        ProfileQuery query = query(context, parameters, "query", "from", "until");
        List<String> groupBy = parameters.all("groupBy", MOST_GROUP_LABELS);
        JsonAnswer.send(
                context,
                calls,
                new RenderAnswer(
                        store,
                        query,
                        groupBy.isEmpty() ? null : groupBy.getFirst(),
                        maxNodes(parameters),
                        limits));
    }

    private void renderDiff(RoutingContext context) {
        Parameters parameters = Parameters.of(context);
        ProfileQuery left = query(context, parameters, "leftQuery", "leftFrom", "leftUntil");
        ProfileQuery right = query(context, parameters, "rightQuery", "rightFrom", "rightUntil");
        if (!left.type().equals(right.type())) {
            throw ApiError.invalid(
                    "profile types must match: leftQuery has "
                            + left.type().id()
                            + ", rightQuery has "
                            + right.type().id());
        }
        JsonAnswer.send(
                context,
                calls,
                new RenderDiffAnswer(store, left, right, maxNodes(parameters), limits));
    }

    private void labelValues(RoutingContext context) {
        Parameters parameters = Parameters.of(context);
        String label = parameters.required("label");
        String tenant = Tenant.of(context);
        Selector selector = parameters.selector("query");
        TimeRange range =
                parameters.optional("from") == null && parameters.optional("until") == null
                        ? Instants.ALWAYS
                        : range(parameters, "from", "until");
        JsonAnswer.send(
                context,
                calls,
                json -> {
                    List<String> values =
                            label.equals("__name__")
                                    ? store.profileTypes(tenant, selector, range).stream()
                                            .map(ProfileType::id)
                                            .toList()
                                    : store.labelValues(tenant, label, selector, range);
                    writeStrings(json, values);
                });
    }

    private static void writeStrings(JsonGenerator json, List<String> values) throws IOException {
        json.writeStartArray();
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private static ProfileQuery query(
            RoutingContext context,
            Parameters parameters,
            String query,
            String from,
            String until) {
        TypedSelector typed = TypedSelector.parse(query, parameters.required(query));
        return new ProfileQuery(
                Tenant.of(context), typed.type(), typed.selector(), range(parameters, from, until));
    }

    private static TimeRange range(Parameters parameters, String from, String until) {
        long now = System.currentTimeMillis();
        return Instants.range(
                from,
                Attime.millis(parameters.text(from, "now"), now),
                until,
                Attime.millis(parameters.text(until, "now"), now));
    }

    /** maxNodes wins over max-nodes; what is no number, and 0, mean the default, as there. */
    private int maxNodes(Parameters parameters) {
        for (String name : List.of("maxNodes", "max-nodes")) {
            try {
                long wanted = Long.parseLong(parameters.text(name, "0"));
                if (wanted > 0) {
                    return limits.checkedNodes(name, wanted);
                }
            } catch (NumberFormatException e) {
                // Ignored, as Pyroscope does: its clients send "undefined" and the like.
            }
        }
        return Math.min(DEFAULT_NODES, limits.nodes());
    }
}
