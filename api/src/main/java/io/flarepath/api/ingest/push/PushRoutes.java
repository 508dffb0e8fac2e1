package io.flarepath.api.ingest.push;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.ingest.upload.Uploads;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.Tenant;
import io.flarepath.api.server.rpc.RpcAnswer;
import io.flarepath.api.server.rpc.RpcMessage;
import io.flarepath.api.server.rpc.RpcProtocol;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** {@code push.v1.PusherService/Push} over Connect, gRPC and gRPC-web. */
public final class PushRoutes implements ApiServer.Routes {
    private static final String PATH = "/push.v1.PusherService/Push";
    private static final int UNREADABLE = 400;

    private final Uploads uploads;
    private final Limits limits;
    private final PushDecoder decoder;

    /** Routes that decode under the limits. */
    public PushRoutes(Uploads uploads, Limits limits, UploadClock clock) {
        this.uploads = uploads;
        this.limits = limits;
        this.decoder = new PushDecoder(limits, clock);
    }

    @Override
    public void mount(Router router) {
        router.post(PATH).handler(this::push);
    }

    private void push(RoutingContext context) {
        RpcProtocol protocol = protocol(context);
        String tenant;
        RpcMessage message;
        try {
            tenant = Tenant.of(context);
            message = RpcMessage.of(protocol, context);
        } catch (ApiError refusal) {
            RpcAnswer.refuse(context, protocol, uploads.refused("push", refusal));
            return;
        }
        uploads.take(
                        context,
                        "push",
                        tenant,
                        UNREADABLE,
                        (body, memory) -> decode(protocol, message, body, memory))
                .onSuccess(stored -> RpcAnswer.empty(context, protocol))
                .onFailure(failure ->
                        RpcAnswer.refuse(context, protocol, Failures.errorOf(failure, context)));
    }

    private RpcProtocol protocol(RoutingContext context) {
        try {
            return RpcProtocol.of(context);
        } catch (ApiError refusal) {
            throw uploads.refused("push", refusal);
        }
    }

    private Decoded decode(
            RpcProtocol protocol, RpcMessage message, RequestBody body, UploadMemory memory)
            throws IOException {
        List<PushSeries> series;
        try (InputStream in = message.open(body, this::inflated)) {
            series =
                    protocol == RpcProtocol.CONNECT_JSON
                            ? PushJson.read(in, memory)
                            : PushProto.read(in, memory);
        }
        return decoder.decode(series, memory);
    }

    private InputStream inflated(InputStream compressed) throws IOException {
        return InflatedInput.gunzipped(compressed, limits.inflatedBytes());
    }
}
