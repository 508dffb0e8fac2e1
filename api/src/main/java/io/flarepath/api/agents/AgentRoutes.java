package io.flarepath.api.agents;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BoundedBody;
import io.flarepath.api.server.JsonAnswer;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * The agents' long poll and the list of agents. A poll that is held back takes a timer, no thread.
 */
public final class AgentRoutes {
    private static final int MAX_BODY = 128 << 10;
    private static final int MAX_ORDER = 4 << 10;
    private static final int MAX_NODE = 253;

    /** JVMs in one answer. */
    private static final int MAX_JVMS = 500;

    private final Agents agents;
    private final BlockingCalls calls;
    private final Recordings recordings = new Recordings(Clock.systemUTC());

    /** Routes over the registry. */
    public AgentRoutes(Agents agents, BlockingCalls calls) {
        this.agents = agents;
        this.calls = calls;
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        router.get("/api/v1/agents").handler(this::list);
        router.get("/api/v1/jvms").handler(this::jvms);
        router.post("/api/v1/agents/:node").handler(this::poll);
        router.post("/api/v1/agents/:node/recordings").handler(this::order);
        router.get("/api/v1/agents/:node/recordings").handler(this::recordings);
    }

    private void list(RoutingContext context) {
        JsonAnswer.send(context, calls, this::writeAll);
    }

    private void writeAll(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("agents");
        for (Agents.Seen seen : agents.all()) {
            write(json, seen);
        }
        json.writeEndArray();
        json.writeNumberField("serverClockMillis", agents.nowMillis());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Agents.Seen seen) throws IOException {
        Heartbeat heartbeat = seen.heartbeat();
        json.writeStartObject();
        json.writeStringField("node", seen.node());
        json.writeStringField("version", heartbeat.version());
        json.writeStringField("state", heartbeat.state());
        json.writeStringField("reason", heartbeat.reason());
        json.writeNumberField("frequencyHz", heartbeat.frequencyHz());
        json.writeNumberField("startedMillis", heartbeat.startedMillis());
        json.writeNumberField("lastSeenMillis", seen.lastSeenMillis());
        json.writeBooleanField("online", seen.online());
        json.writeNumberField("clockSkewMillis", seen.clockSkewMillis());
        json.writeStringField("kernel", heartbeat.kernel());
        json.writeObjectFieldStart("counters");
        for (Map.Entry<String, Number> counter : heartbeat.counters().entrySet()) {
            if (counter.getValue() instanceof Long whole) {
                json.writeNumberField(counter.getKey(), whole);
            } else {
                json.writeNumberField(counter.getKey(), counter.getValue().doubleValue());
            }
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** The JVMs of a service, on all nodes whose agent is in contact. */
    private void jvms(RoutingContext context) {
        List<String> service = context.queryParam("service");
        if (service.size() != 1 || service.getFirst().isEmpty()) {
            throw ApiError.invalid("service must be given once: the value of service_name");
        }
        JsonAnswer.send(context, calls, json -> writeJvms(json, service.getFirst()));
    }

    private void writeJvms(JsonGenerator json, String service) throws IOException {
        int room = MAX_JVMS;
        json.writeStartObject();
        json.writeArrayFieldStart("jvms");
        for (Agents.Seen seen : agents.all()) {
            for (Heartbeat.Jvm jvm : seen.heartbeat().jvms()) {
                if (seen.online() && jvm.service().equals(service) && room-- > 0) {
                    write(json, seen, jvm);
                }
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Agents.Seen seen, Heartbeat.Jvm jvm)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("node", seen.node());
        json.writeBooleanField("records", seen.heartbeat().records());
        json.writeNumberField("pid", jvm.pid());
        json.writeStringField("namespace", jvm.namespace());
        json.writeStringField("pod", jvm.pod());
        json.writeStringField("version", jvm.version());
        json.writeStringField("state", jvm.state());
        json.writeStringField("reason", jvm.reason());
        json.writeEndObject();
    }

    private void order(RoutingContext context) {
        String node = checkedNode(context.pathParam("node"));
        BoundedBody.read(context, MAX_ORDER)
                .onSuccess(body -> {
                    try {
                        if (!agents.isOnline(node)) {
                            throw new ApiError(
                                    404, "not_found", "no agent of that node is in contact");
                        }
                        Recording recording = recordings.order(node, body.getBytes());
                        agents.release(node);
                        context.response()
                                .putHeader("Content-Type", "application/json")
                                .end(
                                        Buffer.buffer(
                                                JsonAnswer.encode(json -> write(json, recording))))
                                .onFailure(gone -> {});
                    } catch (ApiError | IOException refused) {
                        context.fail(refused);
                    }
                })
                .onFailure(context::fail);
    }

    private void recordings(RoutingContext context) {
        String node = checkedNode(context.pathParam("node"));
        JsonAnswer.send(
                context,
                calls,
                json -> {
                    json.writeStartObject();
                    json.writeArrayFieldStart("recordings");
                    for (Recording recording : recordings.of(node)) {
                        write(json, recording);
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                });
    }

    private static void write(JsonGenerator json, Recording recording) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", recording.name());
        json.writeNumberField("pid", recording.pid());
        json.writeNumberField("seconds", recording.seconds());
        json.writeArrayFieldStart("kinds");
        for (String kind : recording.kinds()) {
            json.writeString(kind);
        }
        json.writeEndArray();
        json.writeNumberField("createdMillis", recording.createdMillis());
        json.writeStringField("state", recording.state());
        json.writeStringField("message", recording.message());
        json.writeEndObject();
    }

    private void poll(RoutingContext context) {
        String node = checkedNode(context.pathParam("node"));
        BoundedBody.read(context, MAX_BODY)
                .onSuccess(body -> heard(context, node, body))
                .onFailure(context::fail);
    }

    private void heard(RoutingContext context, String node, Buffer body) {
        try {
            hold(context, node, Heartbeat.parse(body.getBytes()));
        } catch (ApiError refused) {
            context.fail(refused);
        }
    }

    private void hold(RoutingContext context, String node, Heartbeat heartbeat) {
        Promise<Void> poll = agents.heard(node, heartbeat);
        for (Heartbeat.Report report : heartbeat.recordings()) {
            recordings.report(node, report.name(), report.state(), report.message());
        }
        Context own = context.vertx().getOrCreateContext();
        boolean atOnce =
                heartbeat.waitSeconds() == 0 || heartbeat.revision() != recordings.revision(node);
        long timer =
                atOnce
                        ? -1
                        : context.vertx()
                                .setTimer(
                                        heartbeat.waitSeconds() * 1_000L,
                                        timeUp -> poll.tryComplete());
        context.response().exceptionHandler(gone -> poll.tryComplete());
        context.response().closeHandler(gone -> poll.tryComplete());
        poll.future()
                .onComplete(over -> {
                    context.vertx().cancelTimer(timer);
                    agents.closed(node, poll);
                    // A newer poll may have come on another event loop.
                    own.runOnContext(now -> answer(context, node));
                });
        if (atOnce) {
            poll.tryComplete();
        }
    }

    private void answer(RoutingContext context, String node) {
        if (context.response().closed() || context.response().ended()) {
            return;
        }
        try {
            byte[] orders = JsonAnswer.encode(json -> writeOrders(json, node));
            context.response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Cache-Control", "no-store")
                    .end(Buffer.buffer(orders))
                    .onFailure(gone -> {});
        } catch (IOException e) {
            context.fail(e);
        }
    }

    private void writeOrders(JsonGenerator json, String node) throws IOException {
        json.writeStartObject();
        json.writeNumberField("revision", recordings.revision(node));
        json.writeNumberField("serverClockMillis", agents.nowMillis());
        json.writeObjectFieldStart("configuration");
        json.writeEndObject();
        json.writeArrayFieldStart("recordings");
        for (Recording recording : recordings.open(node)) {
            write(json, recording);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String checkedNode(String node) {
        boolean printable =
                node.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || !Character.isDefined(c));
        if (node.isEmpty() || node.length() > MAX_NODE || !printable) {
            throw ApiError.invalid(
                    "the name of a node must be 1 to "
                            + MAX_NODE
                            + " printable characters; this one has "
                            + node.length());
        }
        return node;
    }
}
