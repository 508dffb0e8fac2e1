package io.flarepath.api.ingest.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Charges what a message will take as generated objects, before it is parsed: two bytes can stand
 * for an object of a hundred. Follows the descriptor over the stream and keeps nothing.
 */
final class MessageCost {
    private static final int BYTES_A_MESSAGE = 120;
    private static final int BYTES_A_FIELD = 56;
    private static final int MOST_DEPTH = 64;

    private final CodedInputStream in;
    private final UploadMemory memory;

    MessageCost(CodedInputStream in, UploadMemory memory) {
        this.in = in;
        this.memory = memory;
    }

    /** Reads to the end of the stream. */
    void charge(Descriptor type) throws IOException {
        charge(type, 0);
    }

    private void charge(Descriptor type, int depth) throws IOException {
        if (depth > MOST_DEPTH) {
            throw ApiError.invalid("the message is nested deeper than " + MOST_DEPTH + " levels");
        }
        memory.charge(BYTES_A_MESSAGE);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            int wire = WireFormat.getTagWireType(tag);
            if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                chargeSingle(tag, wire, field);
            } else if (isMessage(field)) {
                int outer = in.pushLimit(in.readRawVarint32());
                charge(field.getMessageType(), depth + 1);
                in.checkLastTagWas(0);
                in.popLimit(outer);
            } else {
                chargeBytes(field);
            }
        }
    }

    private static boolean isMessage(@Nullable FieldDescriptor field) {
        return field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    private void chargeSingle(int tag, int wire, @Nullable FieldDescriptor field)
            throws IOException {
        int before = in.getTotalBytesRead();
        in.skipField(tag);
        long bytes = in.getTotalBytesRead() - (long) before;
        // What is unknown is kept by the parser; a group of it byte by byte in small objects.
        boolean group = wire == WireFormat.WIRETYPE_START_GROUP;
        memory.charge(field != null && field.isRepeated() ? 16 : BYTES_A_FIELD);
        memory.charge(group ? 50 * bytes : 0);
    }

    private void chargeBytes(@Nullable FieldDescriptor field) throws IOException {
        int length = in.readRawVarint32();
        boolean packed = field != null && field.isPackable();
        memory.charge(BYTES_A_FIELD + Math.max(0, length) * (packed ? 16L : 1L));
        in.skipRawBytes(length);
    }
}
