package io.flarepath.api.ingest.pyroscope;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels that a program had set while it was sampled, by the number that the events of its
 * recording have (pyroscope jfr_labels.proto): {@code LabelsSnapshot{map<int64,Context> contexts=1;
 * map<int64,string> strings=2}}, {@code Context{map<int64,int64> labels=1}}, all of them numbers of
 * strings.
 */
final class ContextLabels {
    static final ContextLabels NONE = new ContextLabels();

    private static final int MOST_LABELS = 64;
    private static final int BYTES_A_PAIR = 120;

    private final Map<Long, String> strings = new HashMap<>();
    private final Map<Long, Map<Long, Long>> contexts = new HashMap<>();

    private ContextLabels() {}

    /**
     * Reads the message.
     *
     * @throws ApiError 422 when it is none
     */
    static ContextLabels read(InputStream in, UploadMemory memory) throws IOException {
        ContextLabels labels = new ContextLabels();
        try {
            labels.read(CodedInputStream.newInstance(in), memory);
        } catch (InvalidProtocolBufferException e) {
            throw ApiError.unreadable("the part labels cannot be read: " + e.getMessage());
        }
        return labels;
    }

    private void read(CodedInputStream in, UploadMemory memory) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED
                    || field > 2) {
                in.skipField(tag);
                continue;
            }
            int outer = in.pushLimit(in.readRawVarint32());
            memory.charge(BYTES_A_PAIR);
            if (field == 1) {
                context(in, memory);
            } else {
                string(in, memory);
            }
            end(in, outer);
        }
    }

    /** A message that is cut ends before its limit, without an error. */
    private static void end(CodedInputStream in, int outer) throws IOException {
        in.checkLastTagWas(0);
        if (in.getBytesUntilLimit() > 0) {
            throw ApiError.unreadable("the part labels is cut");
        }
        in.popLimit(outer);
    }

    private void string(CodedInputStream in, UploadMemory memory) throws IOException {
        long key = 0;
        String value = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == 0x08) {
                key = in.readInt64();
            } else if (tag == 0x12) {
                value = in.readStringRequireUtf8();
            } else {
                in.skipField(tag);
            }
        }
        memory.charge(2L * value.length());
        strings.put(key, value);
    }

    private void context(CodedInputStream in, UploadMemory memory) throws IOException {
        long key = 0;
        Map<Long, Long> labels = new HashMap<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == 0x08) {
                key = in.readInt64();
            } else if (tag == 0x12) {
                int outer = in.pushLimit(in.readRawVarint32());
                labelsOf(in, labels, memory);
                end(in, outer);
            } else {
                in.skipField(tag);
            }
        }
        contexts.put(key, labels);
    }

    private static void labelsOf(CodedInputStream in, Map<Long, Long> labels, UploadMemory memory)
            throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag != 0x0a) {
                in.skipField(tag);
                continue;
            }
            int outer = in.pushLimit(in.readRawVarint32());
            memory.charge(BYTES_A_PAIR);
            pair(in, labels);
            end(in, outer);
        }
    }

    private static void pair(CodedInputStream in, Map<Long, Long> labels) throws IOException {
        long name = 0;
        long value = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == 0x08) {
                name = in.readInt64();
            } else if (tag == 0x10) {
                value = in.readInt64();
            } else {
                in.skipField(tag);
            }
        }
        if (labels.size() < MOST_LABELS) {
            labels.put(name, value);
        }
    }

    /** The labels of a context; none when it is not known. */
    Map<String, String> of(long context) {
        Map<String, String> named = new TreeMap<>();
        Map<Long, Long> labels = contexts.get(context);
        if (labels != null) {
            labels.forEach((name, value) -> {
                String text = strings.getOrDefault(name, "");
                if (!text.isEmpty()) {
                    named.put(text, strings.getOrDefault(value, ""));
                }
            });
        }
        return named;
    }
}
