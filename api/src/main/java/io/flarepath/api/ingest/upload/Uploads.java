package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer.Services;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.RequestBody;
import io.flarepath.store.WriteResult;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every upload: the body comes in on the event loop, is decoded and stored on the pool,
 * and the outcome is counted once. Only when all of it has been decoded does the store hear of it.
 */
public final class Uploads {
    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

    private static final int MALFORMED_OTLP = 400;

    private final Services services;

    /** Uploads that use the server's pool, budget and store. */
    public Uploads(Services services) {
        this.services = services;
    }

    /** Decodes a body; runs on the pool. */
    @FunctionalInterface
    public interface Decoder {
        /** The profiles in the body. */
        Decoded decode(RequestBody body, UploadMemory memory) throws IOException;
    }

    /**
     * Reads, decodes and stores.
     *
     * @param format for the counters
     * @param malformedStatus what a body is answered with that cannot be read
     * @return completes when the profiles are safe; fails with what the request is answered with
     */
    public Future<Void> take(
            RoutingContext context,
            String format,
            String tenant,
            int malformedStatus,
            Decoder decoder) {
        return work(
                        context,
                        format,
                        tenant,
                        malformedStatus,
                        (body, memory) -> storeProfiles(body, memory, format, tenant, decoder))
                .mapEmpty();
    }

    /** Decodes metrics; runs on the pool. */
    @FunctionalInterface
    public interface MetricDecoder {
        /** The points in the body. */
        DecodedMetrics decode(RequestBody body, UploadMemory memory) throws IOException;
    }

    /**
     * Reads, decodes and stores metrics.
     *
     * @param format for the counters
     * @return what was not stored; fails with what the request is answered with
     */
    public Future<Rejected> takeMetrics(
            RoutingContext context, String format, String tenant, MetricDecoder decoder) {
        return work(
                context,
                format,
                tenant,
                MALFORMED_OTLP,
                (body, memory) -> storeMetrics(body, memory, format, tenant, decoder));
    }

    /** Decodes calls; runs on the pool. */
    @FunctionalInterface
    public interface CallDecoder {
        /** The calls in the body. */
        DecodedCalls decode(RequestBody body, UploadMemory memory) throws IOException;
    }

    /**
     * Reads, decodes and stores calls.
     *
     * @param format for the counters
     * @return what was not stored; fails with what the request is answered with
     */
    public Future<Rejected> takeCalls(
            RoutingContext context, String format, String tenant, CallDecoder decoder) {
        return work(
                context,
                format,
                tenant,
                MALFORMED_OTLP,
                (body, memory) -> storeCalls(body, memory, format, tenant, decoder));
    }

    /** What is done with a body, on the pool. */
    @FunctionalInterface
    private interface Work<T> {
        T on(RequestBody body, UploadMemory memory) throws IOException;
    }

    private <T> Future<T> work(
            RoutingContext context, String format, String tenant, int malformed, Work<T> work) {
        return read(context, tenant)
                .compose(body ->
                        services.ingest()
                                .call(() -> workBlocking(body, malformed, work))
                                .onFailure(refused -> release(body)))
                .onFailure(failure -> services.metrics().refused(format, quietError(failure)));
    }

    /** What a tenant sends counts whether it is stored or not. */
    private Future<RequestBody> read(RoutingContext context, String tenant) {
        try {
            services.rate().check(tenant);
        } catch (ApiError tooFast) {
            services.metrics().tooFast(tenant);
            return Future.failedFuture(tooFast);
        }
        return services.bodies()
                .read(context)
                .onSuccess(body -> services.rate().sent(tenant, body.bytes()));
    }

    /** Work that the pool refused never closed its body; closing twice does no harm. */
    private void release(RequestBody body) {
        Future<Void> released =
                services.vertx()
                        .executeBlocking(() -> {
                            body.close();
                            return null;
                        });
        released.onFailure(failure -> LOG.warn("a body was not released", failure));
    }

    private WriteResult storeProfiles(
            RequestBody body, UploadMemory memory, String format, String tenant, Decoder decoder)
            throws IOException {
        Decoded decoded = decoder.decode(body, memory);
        WriteResult result = new WriteResult(0, 0);
        if (!decoded.profiles().isEmpty()) {
            result = services.store().write(tenant, decoded.profiles());
        }
        if (result.stored() > 0) {
            StackEnds.count(decoded.profiles(), services.metrics());
        }
        services.metrics().ingested(format, result.stored(), result.duplicates(), body.bytes());
        decoded.dropped().counts().forEach(services.metrics()::dropped);
        ApiError refusal = decoded.refusal();
        if (refusal != null) {
            throw refusal;
        }
        return result;
    }

    private Rejected storeMetrics(
            RequestBody body,
            UploadMemory memory,
            String format,
            String tenant,
            MetricDecoder decoder)
            throws IOException {
        DecodedMetrics decoded = decoder.decode(body, memory);
        WriteResult result =
                services.store().metrics().write(tenant, decoded.upload(), decoded.points());
        services.metrics()
                .ingestedPoints(format, result.stored(), result.duplicates(), body.bytes());
        int lost = decoded.points().size() - result.stored() - result.duplicates();
        Rejected rejected = decoded.rejected();
        rejected.count(
                lost,
                "cumulative points of series beyond the limit (limits.series) cannot be kept: send"
                        + " deltas, or fewer series");
        services.metrics().dropped("rejected-point", rejected.parts());
        return rejected;
    }

    private Rejected storeCalls(
            RequestBody body,
            UploadMemory memory,
            String format,
            String tenant,
            CallDecoder decoder)
            throws IOException {
        DecodedCalls decoded = decoder.decode(body, memory);
        WriteResult result =
                services.store().calls().write(tenant, decoded.upload(), decoded.calls());
        services.metrics()
                .ingestedCalls(format, result.stored(), result.duplicates(), body.bytes());
        decoded.dropped().counts().forEach(services.metrics()::dropped);
        services.metrics().dropped("rejected-span", decoded.rejected().parts());
        return decoded.rejected();
    }

    private <T> T workBlocking(RequestBody body, int malformed, Work<T> work) {
        try (body;
                UploadMemory memory = new UploadMemory(services.memory())) {
            return work.on(body, memory);
        } catch (FileSystemException e) {
            throw new ApiError(
                    503, "unavailable", "the server lost a temporary file: " + e.getReason());
        } catch (EOFException | ZipException e) {
            throw new ApiError(
                    malformed,
                    "invalid_argument",
                    "the gzip in the body is cut or damaged: " + e.getMessage());
        } catch (IOException e) {
            throw new ApiError(
                    malformed, "invalid_argument", "the body cannot be read: " + e.getMessage());
        }
    }

    /** The status for the counter; what is a fault of ours is logged where it is answered. */
    private static ApiError quietError(Throwable failure) {
        return failure instanceof ApiError error
                ? error
                : new ApiError(503, "unavailable", String.valueOf(failure.getMessage()));
    }

    /** Answers a request that was refused. */
    public static void refuse(RoutingContext context, Throwable failure) {
        Failures.send(context, Failures.errorOf(failure, context));
    }

    /** Counts a refusal that came before the body was looked at. */
    public ApiError refused(String format, ApiError why) {
        services.metrics().refused(format, why);
        return why;
    }
}
