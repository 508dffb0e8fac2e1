package io.flarepath.api.query.page;

import io.flarepath.api.query.export.Collapsed;
import io.flarepath.api.query.export.ExportFormat;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.ComputedAnswer;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.server.Version;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreStatistics;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ThreadSelection;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The routes of /api/v1 that read profiles. */
public final class PageRoutes {
    private static final int DEFAULT_NODES = 16_384;
    private static final int DEFAULT_BOXES = 100;
    private static final int DEFAULT_SLOTS = 600;
    private static final int DEFAULT_THREADS = 100;
    private static final int MOST_THREADS = 1_000;
    private static final int MOST_GROUP_LABELS = 16;
    private static final int DEFAULT_MAP_NODES = 60;
    private static final int MOST_MAP_NODES = 500;
    private static final int MOST_FOCUS_FRAMES = 2_048;

    private final ProfileStore store;
    private final BlockingCalls calls;
    private final QueryLimits limits;

    /** Routes that read from the store. */
    public PageRoutes(ProfileStore store, BlockingCalls calls, QueryLimits limits) {
        this.store = store;
        this.calls = calls;
        this.limits = limits;
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        router.get("/api/v1/status").handler(this::status);
        router.get("/api/v1/profile-types").handler(this::profileTypes);
        router.get("/api/v1/labels").handler(this::labels);
        router.get("/api/v1/labels/:name/values").handler(this::labelValues);
        router.get("/api/v1/store").handler(this::store);
        router.get("/api/v1/services").handler(this::services);
        router.get("/api/v1/pods").handler(this::pods);
        router.get("/api/v1/series").handler(this::series);
        router.get("/api/v1/requests").handler(this::requests);
        router.get("/api/v1/edges").handler(this::edges);
        router.get("/api/v1/topology").handler(this::topology);
        router.get("/api/v1/calls").handler(this::calls);
        router.get("/api/v1/flamegraph").handler(this::flamegraph);
        router.get("/api/v1/lines").handler(this::lines);
        router.get("/api/v1/threads").handler(this::threads);
        router.get("/api/v1/diff").handler(this::diff);
    }

    private void status(RoutingContext context) {
        JsonAnswer.send(
                context,
                calls,
                json -> {
                    StoreStatistics statistics = store.statistics();
                    json.writeStartObject();
                    json.writeStringField("version", Version.current());
                    json.writeNumberField("nowMillis", System.currentTimeMillis());
                    json.writeNumberField("oldestMillis", statistics.oldestNanos() / 1_000_000);
                    json.writeNumberField("newestMillis", statistics.newestNanos() / 1_000_000);
                    json.writeNumberField("profiles", statistics.profiles());
                    json.writeNumberField("series", statistics.series());
                    json.writeNumberField("bytesOnDisk", statistics.bytesOnDisk());
                    json.writeEndObject();
                });
    }

    private void store(RoutingContext context) {
        JsonAnswer.send(context, calls, new StoreAnswer(store, Tenant.of(context)));
    }

    private void profileTypes(RoutingContext context) {
        ProfileQuery query = PageQuery.of(context).query();
        JsonAnswer.send(
                context,
                calls,
                json -> {
                    json.writeStartObject();
                    json.writeArrayFieldStart("profileTypes");
                    for (ProfileType type :
                            store.profileTypes(query.tenant(), query.selector(), query.range())) {
                        json.writeStartObject();
                        json.writeStringField("id", type.id());
                        json.writeStringField("name", type.name());
                        json.writeStringField("sampleType", type.sampleType());
                        json.writeStringField("sampleUnit", type.sampleUnit());
                        json.writeStringField("periodType", type.periodType());
                        json.writeStringField("periodUnit", type.periodUnit());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                });
    }

    private void labels(RoutingContext context) {
        ProfileQuery query = PageQuery.of(context).query();
        JsonAnswer.send(
                context,
                calls,
                json ->
                        Fields.onlyStrings(
                                json,
                                "names",
                                store.labelNames(query.tenant(), query.selector(), query.range())));
    }

    private void labelValues(RoutingContext context) {
        ProfileQuery query = PageQuery.of(context).query();
        String name = context.pathParam("name");
        JsonAnswer.send(
                context,
                calls,
                json ->
                        Fields.onlyStrings(
                                json,
                                "values",
                                store.labelValues(
                                        query.tenant(), name, query.selector(), query.range())));
    }

    private void services(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        long step = asked.stepNanos(limits.points());
        JsonAnswer.send(context, calls, new ServicesAnswer(store, asked.query(), step, limits));
    }

    private void pods(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        long step = asked.stepNanos(limits.points());
        String service = asked.parameters().required("service");
        ProfileQuery query =
                new ProfileQuery(
                        asked.query().tenant(),
                        asked.query().type(),
                        ProfilerChoice.and(
                                asked.query().selector(),
                                new Matcher("service_name", Matcher.Operator.EQUAL, service)),
                        asked.query().range());
        JsonAnswer.send(context, calls, new PodsAnswer(store, query, step, limits));
    }

    private void series(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        long step = asked.stepNanos(limits.points());
        List<String> groupBy = asked.parameters().all("groupBy", MOST_GROUP_LABELS);
        JsonAnswer.send(
                context, calls, new SeriesAnswer(store, asked.query(), step, groupBy, limits));
    }

    private void requests(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        String role = asked.parameters().text("role", "server");
        if (!role.equals("server") && !role.equals("client")) {
            throw ApiError.invalid("role must be server or client, not " + role);
        }
        JsonAnswer.send(
                context,
                calls,
                new RequestsAnswer(
                        store.metrics(),
                        asked.query().tenant(),
                        asked.query().selector(),
                        asked.query().range(),
                        Steps.ofSlots(asked.stepNanos(limits.points())),
                        role.equals("server"),
                        asked.parameters().all("groupBy", MOST_GROUP_LABELS)));
    }

    private void edges(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        boolean wantsSteps = asked.parameters().optional("points") != null;
        List<String> groupBy = asked.parameters().all("groupBy", MOST_GROUP_LABELS);
        JsonAnswer.send(
                context,
                calls,
                new EdgesAnswer(
                        store.metrics(),
                        asked.query().tenant(),
                        asked.query().selector(),
                        asked.query().range(),
                        wantsSteps ? Steps.ofSlots(asked.stepNanos(limits.points())) : 0,
                        groupBy,
                        limits));
    }

    private void topology(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        JsonAnswer.send(
                context,
                calls,
                new TopologyAnswer(
                        store.metrics(),
                        asked.query().tenant(),
                        asked.query().selector(),
                        asked.query().range(),
                        asked.parameters().count("nodes", DEFAULT_MAP_NODES, MOST_MAP_NODES)));
    }

    private void calls(RoutingContext context) {
        JsonAnswer.send(context, calls, new CallsAnswer(store.calls(), CallsRequest.of(context)));
    }

    private void flamegraph(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        String format = asked.parameters().text("format", "json");
        if (!format.equals("json")) {
            export(context, asked, ExportFormat.required(format));
            return;
        }
        JsonAnswer.send(
                context,
                calls,
                new FlameGraphAnswer(
                        store,
                        asked.query(),
                        selectedThreads(asked.parameters()),
                        focus(asked),
                        maxNodes(asked)));
    }

    private void threads(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        int points =
                asked.parameters()
                        .count("points", Math.min(DEFAULT_SLOTS, limits.points()), limits.points());
        int most = asked.parameters().count("threads", DEFAULT_THREADS, MOST_THREADS);
        JsonAnswer.send(
                context,
                calls,
                new ThreadsAnswer(
                        store, asked.query(), Steps.fine(asked.query().range(), points), most));
    }

    /** Null where whole profiles are asked for. */
    private static @Nullable ThreadSelection selectedThreads(Parameters parameters) {
        Set<Long> ids = new HashSet<>();
        for (String id : parameters.all("thread", MOST_THREADS)) {
            if (!id.matches("[0-9]{1,18}")) {
                throw ApiError.invalid(
                        "thread must be the id of a thread, as in /api/v1/threads, not \""
                                + id
                                + "\"");
            }
            ids.add(Long.parseLong(id));
        }
        Set<String> names = Set.copyOf(parameters.all("threadName", MOST_THREADS));
        boolean asked = !ids.isEmpty() || !names.isEmpty();
        return asked || parameters.flag("fine") ? new ThreadSelection(ids, names) : null;
    }

    private void lines(RoutingContext context) {
        PageQuery asked = PageQuery.of(context);
        String function = asked.parameters().required("function");
        JsonAnswer.send(context, calls, new LinesAnswer(store, asked.query(), function));
    }

    /** The whole graph, of one profiler as everywhere on the page; maxNodes only if it is given. */
    private void export(RoutingContext context, PageQuery asked, ExportFormat format) {
        List<String> focus = focus(asked);
        boolean given = asked.parameters().optional("maxNodes") != null;
        int most = maxNodes(asked);
        ThreadSelection threads = selectedThreads(asked.parameters());
        boolean cut = given && format != ExportFormat.DOT;
        context.response()
                .putHeader("Content-Disposition", "inline; filename=" + format.fileName());
        ComputedAnswer.send(
                context,
                calls,
                format.contentType(),
                () -> {
                    ProfileQuery query = ProfilerChoice.of(store, asked.query()).query();
                    FlameTree whole = merged(query, threads, format.byLine());
                    FlameTree part = focus.isEmpty() ? whole : whole.focus(focus);
                    return format.write(
                            cut ? part.top(most) : part,
                            query.type(),
                            query.range(),
                            given ? most : DEFAULT_BOXES);
                });
    }

    private FlameTree merged(
            ProfileQuery query, @Nullable ThreadSelection threads, boolean byLine) {
        if (threads != null) {
            return store.mergeThreads(query, threads, byLine);
        }
        return byLine ? store.mergeLines(query) : store.merge(query);
    }

    private void diff(RoutingContext context) {
        PageQuery a = PageQuery.of(context, "queryA", "fromA", "untilA");
        PageQuery b = PageQuery.of(context, "queryB", "fromB", "untilB");
        String format = a.parameters().text("format", "json");
        if (format.equals("collapsed")) {
            ComputedAnswer.send(
                    context,
                    calls,
                    ExportFormat.COLLAPSED.contentType(),
                    () -> Collapsed.of(NamedTree.of(chosen(a), chosen(b))));
            return;
        }
        if (!format.equals("json")) {
            throw ApiError.invalid("format of a diff must be json or collapsed, not " + format);
        }
        JsonAnswer.send(
                context, calls, new DiffAnswer(store, a.query(), b.query(), focus(a), maxNodes(a)));
    }

    private FlameTree chosen(PageQuery asked) {
        FlameTree tree = store.merge(ProfilerChoice.of(store, asked.query()).query());
        List<String> focus = focus(asked);
        return focus.isEmpty() ? tree : tree.focus(focus);
    }

    private int maxNodes(PageQuery asked) {
        return limits.checkedNodes(
                "maxNodes",
                asked.parameters().positive("maxNodes", Math.min(DEFAULT_NODES, limits.nodes())));
    }

    private static List<String> focus(PageQuery asked) {
        return asked.parameters().all("focus", MOST_FOCUS_FRAMES);
    }
}
