package io.flarepath.api.query.connect;

import io.flarepath.api.message.JsonMessage;
import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.message.ProtoMessage;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BoundedBody;
import io.flarepath.api.server.ComputedAnswer;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.server.rpc.RpcAnswer;
import io.flarepath.api.server.rpc.RpcMessage;
import io.flarepath.api.server.rpc.RpcProtocol;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One service over Connect's unary protocol: POST of one message in protobuf or its JSON form,
 * answered by one in the same form, or by {@code {"code":…,"message":…}}. Connect-Protocol-Version
 * need not be sent. gRPC and gRPC-web come to the same paths and are told apart by their content
 * types.
 */
final class ConnectRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectRoutes.class);
    private static final int MAX_BODY = 1 << 20;

    private final BlockingCalls calls;
    private final String service;
    private final Map<String, ConnectMethod> methods;
    private final int maxBody;
    private final Bodies bodies;

    /** Reads the body of a request; on its event loop. */
    @FunctionalInterface
    interface Bodies {
        Future<RequestBody> read(RoutingContext context);
    }

    /**
     * Routes of a service.
     *
     * @param calls where methods run
     * @param service its full name, as in {@code querier.v1.QuerierService}
     */
    ConnectRoutes(BlockingCalls calls, String service, Map<String, ConnectMethod> methods) {
        this(
                calls,
                service,
                methods,
                MAX_BODY,
                context -> BoundedBody.read(context, MAX_BODY).map(RequestBody::of));
    }

    /**
     * Routes of a service whose messages are longer than others'.
     *
     * @param maxBody what a message may inflate to
     * @param bodies reads what comes, and refuses what is too long
     */
    ConnectRoutes(
            BlockingCalls calls,
            String service,
            Map<String, ConnectMethod> methods,
            int maxBody,
            Bodies bodies) {
        this.calls = calls;
        this.service = service;
        this.methods = methods;
        this.maxBody = maxBody;
        this.bodies = bodies;
    }

    /** Puts the routes on a router. */
    void mount(Router router) {
        methods.forEach((name, method) ->
                router.post("/" + service + "/" + name).handler(context -> call(context, method)));
        router.post("/" + service + "/:method").handler(this::unimplemented);
    }

    private void unimplemented(RoutingContext context) {
        ApiError error =
                new ApiError(
                        501,
                        "unimplemented",
                        service
                                + " has no method "
                                + context.pathParam("method")
                                + " here; it has "
                                + String.join(", ", new TreeSet<>(methods.keySet())));
        RpcAnswer.refuse(context, RpcProtocol.of(context), error);
    }

    private void call(RoutingContext context, ConnectMethod method) {
        RpcProtocol protocol = RpcProtocol.of(context);
        String tenant;
        RpcMessage message;
        try {
            tenant = Tenant.forReading(context);
            message = RpcMessage.of(protocol, context);
        } catch (ApiError refusal) {
            RpcAnswer.refuse(context, protocol, refusal);
            return;
        }
        String accept = context.request().getHeader("Accept");
        bodies.read(context)
                .compose(body ->
                        answered(
                                        context,
                                        protocol,
                                        () ->
                                                answer(
                                                        protocol, message, body, tenant, accept,
                                                        method))
                                .onFailure(failed -> release(context, body)))
                .onFailure(failure ->
                        RpcAnswer.refuse(context, protocol, Failures.errorOf(failure, context)));
    }

    private byte[] answer(
            RpcProtocol protocol,
            RpcMessage message,
            RequestBody body,
            String tenant,
            @Nullable String accept,
            ConnectMethod method)
            throws IOException {
        boolean json = protocol == RpcProtocol.CONNECT_JSON;
        ConnectRequest request;
        try (body) {
            byte[] plain = plain(message, body);
            request =
                    json
                            ? ConnectRequest.parse(plain)
                            : ConnectRequest.decode(plain, method.schema());
        }
        MessageWriter.Part answer =
                method.answer().of(new ConnectMethod.Call(tenant, request, accept));
        return json ? JsonMessage.encode(answer) : ProtoMessage.encode(answer);
    }

    /** Work that the pool refused never closed its body; closing twice does no harm. */
    private static void release(RoutingContext context, RequestBody body) {
        context.vertx()
                .executeBlocking(() -> {
                    body.close();
                    return null;
                })
                .onFailure(failure -> LOG.warn("a body was not released", failure));
    }

    /** Connect compresses as HTTP does, which frames must not be. */
    private Future<Void> answered(
            RoutingContext context, RpcProtocol protocol, ComputedAnswer.Body body) {
        return protocol.isFramed()
                ? calls.answer(context, body::bytes)
                        .map(message -> {
                            RpcAnswer.send(context, protocol, message);
                            return null;
                        })
                : ComputedAnswer.sent(context, calls, protocol.answerType(), body);
    }

    /** The message up to the limit of these routes, which holds for what it inflates to, too. */
    private byte[] plain(RpcMessage message, RequestBody body) {
        byte[] plain;
        try (InputStream in = message.open(body, GZIPInputStream::new)) {
            plain = in.readNBytes(maxBody + 1);
        } catch (IOException e) {
            throw ApiError.invalid("the body cannot be read: " + e.getMessage());
        }
        if (plain.length > maxBody) {
            throw ApiError.tooLarge(
                    "the body inflates to more than the limit of this route, "
                            + maxBody
                            + " bytes");
        }
        return plain;
    }
}
