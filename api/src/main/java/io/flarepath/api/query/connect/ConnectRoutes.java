package io.flarepath.api.query.connect;

import io.flarepath.api.message.JsonMessage;
import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.message.ProtoMessage;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BoundedBody;
import io.flarepath.api.server.ComputedAnswer;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.Tenant;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
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
    static final int MAX_BODY = 1 << 20;
    private static final String PROTO = "application/proto";
    private static final String JSON = "application/json";

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
        if (GrpcCall.isMeant(context)) {
            GrpcCall.refuse(context, error);
        } else {
            throw error;
        }
    }

    private void call(RoutingContext context, ConnectMethod method) {
        if (GrpcCall.isMeant(context)) {
            GrpcCall.answer(context, calls, method);
            return;
        }
        String encoding = context.request().getHeader("Content-Encoding");
        boolean gzip = "gzip".equals(encoding);
        if (encoding != null && !gzip && !encoding.equals("identity")) {
            throw new ApiError(
                    501,
                    "unimplemented",
                    "unknown compression \"" + encoding + "\": supported are gzip and identity");
        }
        boolean proto = checkedType(context).equals(PROTO);
        String tenant = Tenant.forReading(context);
        String accept = context.request().getHeader("Accept");
        BoundedBody.read(context, MAX_BODY)
                .compose(body ->
                        ComputedAnswer.sent(
                                context,
                                calls,
                                proto ? PROTO : JSON,
                                () -> {
                                    byte[] plain = plain(body, gzip);
                                    ConnectRequest request =
                                            proto
                                                    ? ConnectRequest.decode(plain, method.schema())
                                                    : ConnectRequest.parse(plain);
                                    MessageWriter.Part answer =
                                            method.answer()
                                                    .of(
                                                            new ConnectMethod.Call(
                                                                    tenant, request, accept));
                                    return proto
                                            ? ProtoMessage.encode(answer)
                                            : JsonMessage.encode(answer);
                                }))
                .onFailure(failure -> Failures.send(context, Failures.errorOf(failure, context)));
    }

    private static String checkedType(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (plain.equals(JSON) || plain.equals(PROTO)) {
            return plain;
        }
        context.response().putHeader("Accept-Post", JSON + ", " + PROTO);
        throw new ApiError(
                415,
                "unimplemented",
                "the content type must be "
                        + JSON
                        + " or "
                        + PROTO
                        + ", not \""
                        + plain
                        + "\"; gRPC and gRPC-web are understood too");
    }

    private static byte[] plain(Buffer body, boolean gzip) {
        return gzip ? inflate(body.getBytes()) : body.getBytes();
    }

    /** Inflates a body up to the limit of these routes. */
    static byte[] inflate(byte[] compressed) {
        byte[] plain;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            plain = in.readNBytes(MAX_BODY + 1);
        } catch (IOException e) {
            throw ApiError.invalid("the body is no whole gzip stream: " + e.getMessage());
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
