package io.flarepath.api.ingest.push;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a {@code PushRequest} in protobuf (pyroscope api/push/v1/push.proto): {@code series=1};
 * {@code RawProfileSeries{labels=1, samples=2}}; {@code LabelPair{name=1, value=2}}; {@code
 * RawSample{raw_profile=1, ID=2}}.
 */
final class PushProto {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int BYTES_A_MESSAGE = 120;

    private final CodedInputStream in;
    private final UploadMemory memory;

    private PushProto(CodedInputStream in, UploadMemory memory) {
        this.in = in;
        this.memory = memory;
    }

    /**
     * Reads a request.
     *
     * @throws ApiError 400 when it is none, 413 when it is too large
     */
    static List<PushSeries> read(InputStream message, UploadMemory memory) throws IOException {
        CodedInputStream coded = CodedInputStream.newInstance(message, BUFFER_BYTES);
        coded.setSizeLimit(Integer.MAX_VALUE);
        try {
            return new PushProto(coded, memory).request();
        } catch (InvalidProtocolBufferException e) {
            throw ApiError.invalid("the message is no push.v1.PushRequest: " + e.getMessage());
        }
    }

    @FunctionalInterface
    private interface FieldReader {
        /** Reads the field of a tag. */
        void read(int tag) throws IOException;
    }

    private void fields(FieldReader reader) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            reader.read(tag);
        }
    }

    /** A message within the message; what is cut ends before its limit, without an error. */
    private void message(FieldReader reader) throws IOException {
        memory.charge(BYTES_A_MESSAGE);
        int outer = in.pushLimit(in.readRawVarint32());
        fields(reader);
        if (in.getBytesUntilLimit() > 0) {
            throw ApiError.invalid("the message push.v1.PushRequest is cut");
        }
        in.popLimit(outer);
    }

    private static boolean isBytes(int tag, int field) {
        return tag == (field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    private List<PushSeries> request() throws IOException {
        List<PushSeries> series = new ArrayList<>();
        fields(tag -> {
            if (isBytes(tag, 1)) {
                series.add(series());
            } else {
                in.skipField(tag);
            }
        });
        return series;
    }

    private PushSeries series() throws IOException {
        PushSeries series = new PushSeries(new ArrayList<>(), new ArrayList<>());
        message(tag -> {
            if (isBytes(tag, 1)) {
                series.labels().add(label());
            } else if (isBytes(tag, 2)) {
                series.samples().add(sample());
            } else {
                in.skipField(tag);
            }
        });
        return series;
    }

    private PushSeries.Label label() throws IOException {
        String[] pair = {"", ""};
        message(tag -> {
            if (isBytes(tag, 1) || isBytes(tag, 2)) {
                pair[(tag >> 3) - 1] = text();
            } else {
                in.skipField(tag);
            }
        });
        return new PushSeries.Label(pair[0], pair[1]);
    }

    private PushSeries.Sample sample() throws IOException {
        String[] id = {""};
        byte[][] pprof = {new byte[0]};
        message(tag -> {
            if (isBytes(tag, 1)) {
                pprof[0] = bytes();
            } else if (isBytes(tag, 2)) {
                id[0] = text();
            } else {
                in.skipField(tag);
            }
        });
        return new PushSeries.Sample(id[0], pprof[0]);
    }

    private String text() throws IOException {
        String text = in.readStringRequireUtf8();
        memory.charge(2L * text.length());
        return text;
    }

    private byte[] bytes() throws IOException {
        byte[] bytes = in.readByteArray();
        memory.charge(bytes.length);
        return bytes;
    }
}
