package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.DecodedCalls;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.IOException;

/** Decodes an {@code ExportTraceServiceRequest}. Safe for many threads. */
final class TracesDecoder {
    private final LabelRules labels;
    private final CallTexts texts;
    private final UploadClock clock;

    /**
     * Makes a decoder.
     *
     * @param clock which times a call may have
     */
    TracesDecoder(Limits limits, UploadClock clock) {
        this.labels = new LabelRules(limits);
        this.texts = new CallTexts(limits);
        this.clock = clock;
    }

    /**
     * Decodes a message; what is wrong with a span is told of that span alone.
     *
     * @throws ApiError 400 for what cannot be read
     */
    DecodedCalls decode(OtlpMessages.Source source, boolean json, UploadMemory memory)
            throws IOException {
        DigestedSource digested = new DigestedSource(source);
        ExportTraceServiceRequest request =
                OtlpMessages.read(digested, json, memory, ExportTraceServiceRequest.newBuilder())
                        .build();
        return new OtlpSpans(labels, texts, clock, memory, json).decode(digested.sha256(), request);
    }
}
