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

/**
 * One service over Connect's unary protocol: POST of one message in protobuf or its JSON form,
 * answered by one in the same form, or by {@code {"code":…,"message":…}}. Connect-Protocol-Version
 * need not be sent. gRPC and gRPC-web come to the same paths and are told apart by their content
 * types.
 */
final class ConnectRoutes {
    private static final int MAX_BODY = 1 << 20;

    private final BlockingCalls calls;
    private final String service;
    private final Map<String, ConnectMethod> methods;

    /**
     * Routes of a service.
     *
     * @param calls where methods run
     * @param service its full name, as in {@code querier.v1.QuerierService}
     */
    ConnectRoutes(BlockingCalls calls, String service, Map<String, ConnectMethod> methods) {
        this.calls = calls;
        this.service = service;
        this.methods = methods;
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
        BoundedBody.read(context, MAX_BODY)
                .compose(body ->
                        answered(
                                context,
                                protocol,
                                () -> {
                                    byte[] plain = plain(message, RequestBody.of(body));
                                    boolean json = protocol == RpcProtocol.CONNECT_JSON;
                                    ConnectRequest request =
                                            json
                                                    ? ConnectRequest.parse(plain)
                                                    : ConnectRequest.decode(plain, method.schema());
                                    MessageWriter.Part answer =
                                            method.answer()
                                                    .of(
                                                            new ConnectMethod.Call(
                                                                    tenant, request, accept));
                                    return json
                                            ? JsonMessage.encode(answer)
                                            : ProtoMessage.encode(answer);
                                }))
                .onFailure(failure ->
                        RpcAnswer.refuse(context, protocol, Failures.errorOf(failure, context)));
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
    private static byte[] plain(RpcMessage message, RequestBody body) {
        byte[] plain;
        try (InputStream in = message.open(body, GZIPInputStream::new)) {
            plain = in.readNBytes(MAX_BODY + 1);
        } catch (IOException e) {
            throw ApiError.invalid("the body cannot be read: " + e.getMessage());
        }
        if (plain.length > MAX_BODY) {
            throw ApiError.tooLarge(
                    "the body inflates to more than the limit of this route, "
                            + MAX_BODY
                            + " bytes");
        }
        return plain;
    }
}
