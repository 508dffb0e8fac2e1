package io.flarepath.api.query.connect;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BoundedBody;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.Tenant;
import io.flarepath.store.ProfileStore;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * querier.v1.QuerierService over Connect's unary protocol: POST of one JSON message, answered by
 * one, or by {@code {"code":…,"message":…}}. Connect-Protocol-Version need not be sent.
 */
public final class ConnectRoutes {
    private static final String SERVICE = "/querier.v1.QuerierService/";
    private static final int MAX_BODY = 1 << 20;

    private final BlockingCalls calls;
    private final QuerierService service;

    /** Routes that read from the store. */
    public ConnectRoutes(ProfileStore store, BlockingCalls calls) {
        this.calls = calls;
        this.service = new QuerierService(store);
    }

    /** Puts the routes on a router. */
    public void mount(Router router) {
        service.methods()
                .forEach((name, method) ->
                        router.post(SERVICE + name).handler(context -> call(context, method)));
        router.post(SERVICE + ":method").handler(ConnectRoutes::unimplemented);
    }

    private static void unimplemented(RoutingContext context) {
        throw new ApiError(
                501,
                "unimplemented",
                "querier.v1.QuerierService has no method "
                        + context.pathParam("method")
                        + " here; it has ProfileTypes, LabelNames, LabelValues, Series");
    }

    private void call(RoutingContext context, QuerierService.Method method) {
        String encoding = context.request().getHeader("Content-Encoding");
        boolean gzip = "gzip".equals(encoding);
        if (encoding != null && !gzip && !encoding.equals("identity")) {
            throw new ApiError(
                    501,
                    "unimplemented",
                    "unknown compression \"" + encoding + "\": supported are gzip and identity");
        }
        checkContentType(context);
        String tenant = Tenant.of(context);
        String accept = context.request().getHeader("Accept");
        BoundedBody.read(context, MAX_BODY)
                .compose(body ->
                        JsonAnswer.sent(
                                context,
                                calls,
                                json ->
                                        method.answer(
                                                new QuerierService.Call(
                                                        tenant, message(body, gzip), accept),
                                                json)))
                .onFailure(failure -> Failures.send(context, connectError(failure, context)));
    }

    private static void checkContentType(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        String plain = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (plain.equals("application/json")) {
            return;
        }
        context.response().putHeader("Accept-Post", "application/json");
        throw new ApiError(
                415,
                "unimplemented",
                "the content type must be application/json, not \"" + plain + "\"");
    }

    private static ConnectRequest message(Buffer body, boolean gzip) throws IOException {
        return ConnectRequest.parse(gzip ? inflate(body.getBytes()) : body.getBytes());
    }

    private static byte[] inflate(byte[] compressed) throws IOException {
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

    /** Connect knows a status for each code; what is too large keeps saying so. */
    private static ApiError connectError(Throwable failure, @Nullable RoutingContext context) {
        return Failures.errorOf(failure, context);
    }
}
