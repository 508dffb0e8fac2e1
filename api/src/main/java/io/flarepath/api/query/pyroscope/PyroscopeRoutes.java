package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.export.Collapsed;
import io.flarepath.api.query.export.ExportFormat;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.ComputedAnswer;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.time.Attime;
import io.flarepath.api.time.Instants;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Pyroscope's GET routes. Its selectors say which profilers are meant: none is left out here. */
public final class PyroscopeRoutes {
    private static final int DEFAULT_NODES = 8_192;
    private static final int DEFAULT_BOXES = 100;
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
        ProfileQuery query = query(context, parameters, "query", "from", "until");
        // As there, a format that is not known means JSON.
        Optional<ExportFormat> format = ExportFormat.named(parameters.text("format", "json"));
        if (format.isPresent()) {
            export(context, format.get(), query, wantedNodes(parameters));
            return;
        }
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

    private void export(
            RoutingContext context, ExportFormat format, ProfileQuery query, int wantedNodes) {
        int boxes = wantedNodes == 0 ? DEFAULT_BOXES : wantedNodes;
        ComputedAnswer.send(
                context,
                calls,
                format.contentType(),
                () -> {
                    FlameTree tree = format.byLine() ? store.mergeLines(query) : store.merge(query);
                    boolean cut = wantedNodes > 0 && format != ExportFormat.DOT;
                    return format.write(
                            cut ? tree.top(wantedNodes) : tree, query.type(), query.range(), boxes);
                });
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
        if (parameters.text("format", "json").equals("collapsed")) {
            ComputedAnswer.send(
                    context,
                    calls,
                    ExportFormat.COLLAPSED.contentType(),
                    () -> Collapsed.of(NamedTree.of(store.merge(left), store.merge(right))));
            return;
        }
        JsonAnswer.send(
                context,
                calls,
                new RenderDiffAnswer(store, left, right, maxNodes(parameters), limits));
    }

    private void labelValues(RoutingContext context) {
        Parameters parameters = Parameters.of(context);
        String label = parameters.required("label");
        String tenant = Tenant.forReading(context);
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
                Tenant.forReading(context),
                typed.type(),
                typed.selector(),
                range(parameters, from, until));
    }

    private static TimeRange range(Parameters parameters, String from, String until) {
        long now = System.currentTimeMillis();
        long start = Attime.millis(parameters.text(from, "now"), now);
        long end = Attime.millis(parameters.text(until, "now"), now);
        if (start == 0 || end == 0) {
            throw ApiError.invalid(
                    "missing time range: "
                            + from
                            + " and "
                            + until
                            + " must not be 0; write "
                            + from
                            + "=now-1h");
        }
        return Instants.range(from, start, until, end);
    }

    private int maxNodes(Parameters parameters) {
        int wanted = wantedNodes(parameters);
        return wanted == 0 ? Math.min(DEFAULT_NODES, limits.nodes()) : wanted;
    }

    /** maxNodes wins over max-nodes; what is no number, and 0, mean the default, as there. */
    private int wantedNodes(Parameters parameters) {
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
        return 0;
    }
}
