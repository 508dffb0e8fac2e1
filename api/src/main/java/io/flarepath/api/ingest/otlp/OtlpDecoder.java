package io.flarepath.api.ingest.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.flarepath.api.ingest.upload.Decoded;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Decodes an {@code ExportProfilesServiceRequest}. Safe for many threads. */
final class OtlpDecoder {
    /** JSON takes many times its size while it is read; who sends much sends protobuf. */
    private static final int MOST_JSON_BYTES = 4 << 20;

    private static final int JSON_FACTOR = 30;
    private static final int BUFFER_BYTES = 64 << 10;

    private final LabelRules labelRules;
    private final StackRules stackRules;
    private final UploadClock clock;

    OtlpDecoder(Limits limits, UploadClock clock) {
        this.labelRules = new LabelRules(limits);
        this.stackRules = new StackRules(limits);
        this.clock = clock;
    }

    /** Opens the message from the start, inflated and limited. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    /**
     * Decodes protobuf, in two passes: the first charges what the second builds.
     *
     * @throws ApiError 400 for what cannot be read or is wrong
     */
    Decoded protobuf(Source source, UploadMemory memory) throws IOException {
        try {
            try (InputStream in = source.open()) {
                MessageCost cost = new MessageCost(coded(in), memory);
                cost.charge(ExportProfilesServiceRequest.getDescriptor());
            }
            try (InputStream in = source.open()) {
                return decode(ExportProfilesServiceRequest.parseFrom(coded(in)), memory);
            }
        } catch (InvalidProtocolBufferException e) {
            throw ApiError.invalid(
                    "the body is no ExportProfilesServiceRequest of opentelemetry-proto"
                            + " v1development: "
                            + e.getMessage());
        }
    }

    private static CodedInputStream coded(InputStream in) {
        CodedInputStream coded = CodedInputStream.newInstance(in, BUFFER_BYTES);
        coded.setSizeLimit(Integer.MAX_VALUE);
        return coded;
    }

    /**
     * Decodes JSON; fields of later versions are ignored, as OTLP asks for.
     *
     * @throws ApiError 400 for what cannot be read or is wrong
     */
    Decoded json(Source source, UploadMemory memory) throws IOException {
        byte[] text;
        try (InputStream in = source.open()) {
            text = in.readNBytes(MOST_JSON_BYTES + 1);
        }
        if (text.length > MOST_JSON_BYTES) {
            throw ApiError.tooLarge(
                    "the JSON has more than "
                            + MOST_JSON_BYTES
                            + " bytes, which is the limit for that encoding: send"
                            + " application/x-protobuf");
        }
        memory.charge((long) JSON_FACTOR * text.length);
        ExportProfilesServiceRequest.Builder request = ExportProfilesServiceRequest.newBuilder();
        try {
            String json = new String(text, StandardCharsets.UTF_8);
            JsonFormat.parser().ignoringUnknownFields().merge(json, request);
        } catch (InvalidProtocolBufferException e) {
            throw ApiError.invalid(
                    "the body is no ExportProfilesServiceRequest in JSON: " + e.getMessage());
        }
        return decode(request.build(), memory);
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
