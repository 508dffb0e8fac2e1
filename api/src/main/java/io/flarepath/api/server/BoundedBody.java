package io.flarepath.api.server;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** Reads a small body whole; a larger one is refused as soon as that is known. */
public final class BoundedBody {
    private BoundedBody() {}

    /** The body, or a failure with 413 that names the limit. */
    public static Future<Buffer> read(RoutingContext context, int maxBytes) {
        HttpServerRequest request = context.request();
        String announced = request.getHeader("Content-Length");
        if (announced != null && (announced.length() > 9 || Long.parseLong(announced) > maxBytes)) {
            return Future.failedFuture(tooLarge(announced, maxBytes));
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            context.response().writeContinue();
        }
        Promise<Buffer> promise = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() > maxBytes) {
                request.handler(ignored -> {});
                promise.tryFail(tooLarge("more", maxBytes));
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone ->
                promise.tryFail(
                        new ApiError(
                                408, "deadline_exceeded", "the body ended before it was whole")));
        request.endHandler(end -> promise.tryComplete(body));
        return promise.future();
    }

    private static ApiError tooLarge(String bytes, int maxBytes) {
        return ApiError.tooLarge(
                "the body has " + bytes + " bytes, the limit of this route is " + maxBytes);
    }
}
