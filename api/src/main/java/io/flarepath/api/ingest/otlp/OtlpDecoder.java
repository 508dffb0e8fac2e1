package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import java.io.IOException;

/** Decodes an {@code ExportProfilesServiceRequest}. Safe for many threads. */
final class OtlpDecoder {
    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    OtlpDecoder(Limits limits, UploadClock clock) {
        this.labelRules = new LabelRules(limits);
        this.stackRules = new StackRules(limits);
        this.clock = clock;
    }

    /**
     * Decodes protobuf.
     *
     * @throws ApiError 400 for what cannot be read or is wrong
     */
    Decoded protobuf(OtlpMessages.Source source, UploadMemory memory) throws IOException {
        return decode(
                OtlpMessages.protobuf(source, memory, ExportProfilesServiceRequest.newBuilder())
                        .build(),
                memory);
    }

    /**
     * Decodes JSON.
     *
     * @throws ApiError 400 for what cannot be read or is wrong
     */
    Decoded json(OtlpMessages.Source source, UploadMemory memory) throws IOException {
        return decode(
                OtlpMessages.json(source, memory, ExportProfilesServiceRequest.newBuilder())
                        .build(),
                memory);
    }

    private Decoded decode(ExportProfilesServiceRequest request, UploadMemory memory) {
        if (request.getResourceProfilesCount() > 0 && !request.hasDictionary()) {
            throw ApiError.invalid(
                    "the request has no dictionary: it is of a version of OTLP profiles before"
                            + " v1development of opentelemetry-proto 1.8");
        }
        return OtlpProfiles.of(request, labelRules, stackRules, clock, memory);
    }
}
