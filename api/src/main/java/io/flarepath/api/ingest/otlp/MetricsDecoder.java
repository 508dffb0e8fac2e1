package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.DecodedMetrics;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.io.IOException;

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
        DigestedSource digested = new DigestedSource(source);
        ExportMetricsServiceRequest request =
                OtlpMessages.read(digested, json, memory, ExportMetricsServiceRequest.newBuilder())
                        .build();
        return new OtlpMetrics(labels, clock, memory).decode(digested.sha256(), request);
    }
}
