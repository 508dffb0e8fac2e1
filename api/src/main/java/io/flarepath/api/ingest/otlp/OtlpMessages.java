package io.flarepath.api.ingest.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads a request of OTLP, in either encoding. */
final class OtlpMessages {
    /** JSON takes many times its size while it is read; who sends much sends protobuf. */
    private static final int MOST_JSON_BYTES = 4 << 20;

    private static final int JSON_FACTOR = 30;
    private static final int BUFFER_BYTES = 64 << 10;

    private OtlpMessages() {}

    /** Opens the message from the start, inflated and limited. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    /**
     * Reads a message.
     *
     * @throws ApiError 400 for what cannot be read
     */
    static <B extends Message.Builder> B read(
            Source source, boolean json, UploadMemory memory, B builder) throws IOException {
        return json ? json(source, memory, builder) : protobuf(source, memory, builder);
    }

    /**
     * Reads protobuf, in two passes: the first charges what the second builds.
     *
     * @throws ApiError 400 for what cannot be read
     */
    static <B extends Message.Builder> B protobuf(Source source, UploadMemory memory, B builder)
            throws IOException {
        try {
            try (InputStream in = source.open()) {
                new MessageCost(coded(in), memory).charge(builder.getDescriptorForType());
            }
            try (InputStream in = source.open()) {
                builder.mergeFrom(coded(in));
                return builder;
            }
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(builder, "of opentelemetry-proto", e);
        }
    }

    private static CodedInputStream coded(InputStream in) {
        CodedInputStream coded = CodedInputStream.newInstance(in, BUFFER_BYTES);
        coded.setSizeLimit(Integer.MAX_VALUE);
        return coded;
    }

    /**
     * Reads JSON; fields of later versions are ignored, as OTLP asks for.
     *
     * @throws ApiError 400 for what cannot be read
     */
    static <B extends Message.Builder> B json(Source source, UploadMemory memory, B builder)
            throws IOException {
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
        try {
            JsonFormat.parser()
                    .ignoringUnknownFields()
                    .merge(new String(text, StandardCharsets.UTF_8), builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(builder, "in JSON", e);
        }
    }

    private static ApiError unreadable(
            Message.Builder builder, String how, InvalidProtocolBufferException why) {
        return ApiError.invalid(
                "the body is no "
                        + builder.getDescriptorForType().getName()
                        + " "
                        + how
                        + ": "
                        + why.getMessage());
    }
}
