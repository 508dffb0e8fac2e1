package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.DecodedMetrics;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Decodes an {@code ExportMetricsServiceRequest}. Safe for many threads. */
final class MetricsDecoder {
    private final LabelRules labels;
    private final UploadClock clock;

    MetricsDecoder(Limits limits, UploadClock clock) {
        this.labels = new LabelRules(limits);
        this.clock = clock;
    }

    /**
     * Decodes a message; what is wrong with a point is told of that point alone.
     *
     * @throws ApiError 400 for what cannot be read
     */
    DecodedMetrics decode(OtlpMessages.Source source, boolean json, UploadMemory memory)
            throws IOException {
        MessageDigest digest = sha256();
        OtlpMessages.Source digested =
                () -> {
                    digest.reset();
                    return new DigestInputStream(source.open(), digest);
                };
        ExportMetricsServiceRequest.Builder builder = ExportMetricsServiceRequest.newBuilder();
        ExportMetricsServiceRequest request =
                (json
                                ? OtlpMessages.json(digested, memory, builder)
                                : OtlpMessages.protobuf(digested, memory, builder))
                        .build();
        return new OtlpMetrics(labels, clock, memory).decode(digest.digest(), request);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
