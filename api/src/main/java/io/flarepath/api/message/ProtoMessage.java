package io.flarepath.api.message;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Writes a message in protobuf's binary form. */
public final class ProtoMessage implements MessageWriter {
    private final CodedOutputStream out;

    private ProtoMessage(CodedOutputStream out) {
        this.out = out;
    }

    /** The message's bytes. */
    public static byte[] encode(Part part) throws IOException {
        return encode(part, 4_096);
    }

    private static byte[] encode(Part part, int buffer) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(buffer);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes, buffer);
        part.write(new ProtoMessage(out));
        out.flush();
        return bytes.toByteArray();
    }

    @Override
    public void string(int number, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            out.writeString(number, value);
        }
    }

    @Override
    public void int64(int number, String name, long value) throws IOException {
        if (value != 0) {
            out.writeInt64(number, value);
        }
    }

    @Override
    public void float64(int number, String name, double value) throws IOException {
        if (value != 0) {
            out.writeDouble(number, value);
        }
    }

    @Override
    public void bool(int number, String name, boolean value) throws IOException {
        if (value) {
            out.writeBool(number, true);
        }
    }

    @Override
    public void bytes(int number, String name, byte[] value) throws IOException {
        if (value.length > 0) {
            out.writeByteArray(number, value);
        }
    }

    @Override
    public void strings(int number, String name, Iterable<String> values) throws IOException {
        for (String value : values) {
            out.writeString(number, value);
        }
    }

    @Override
    public void int64s(int number, String name, long[] values) throws IOException {
        if (values.length == 0) {
            return;
        }
        int bytes = 0;
        for (long value : values) {
            bytes += CodedOutputStream.computeInt64SizeNoTag(value);
        }
        out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(bytes);
        for (long value : values) {
            out.writeInt64NoTag(value);
        }
    }

    @Override
    public void int32s(int number, String name, int[] values) throws IOException {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        int64s(number, name, wide);
    }

    @Override
    public void float64s(int number, String name, double[] values) throws IOException {
        if (values.length == 0) {
            return;
        }
        out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(values.length * Double.BYTES);
        for (double value : values) {
            out.writeDoubleNoTag(value);
        }
    }

    @Override
    public void message(int number, String name, Part part) throws IOException {
        out.writeByteArray(number, encode(part, 64));
    }

    @Override
    public <T> void messages(int number, String name, Iterable<T> items, PartOf<T> part)
            throws IOException {
        for (T item : items) {
            message(number, name, inner -> part.write(item, inner));
        }
    }
}
