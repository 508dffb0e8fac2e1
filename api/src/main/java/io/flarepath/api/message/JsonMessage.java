package io.flarepath.api.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;

/** Writes a message in protobuf's JSON form: names in lowerCamelCase, 64-bit numbers as strings. */
public final class JsonMessage implements MessageWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private final JsonGenerator json;

    private JsonMessage(JsonGenerator json) {
        this.json = json;
    }

    /** The message as one JSON object. */
    public static byte[] encode(Part part) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4_096);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            part.write(new JsonMessage(json));
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    @Override
    public void string(int number, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    @Override
    public void int64(int number, String name, long value) throws IOException {
        if (value != 0) {
            json.writeStringField(name, Long.toString(value));
        }
    }

    @Override
    public void float64(int number, String name, double value) throws IOException {
        if (value != 0) {
            json.writeNumberField(name, value);
        }
    }

    @Override
    public void bool(int number, String name, boolean value) throws IOException {
        if (value) {
            json.writeBooleanField(name, true);
        }
    }

    @Override
    public void bytes(int number, String name, byte[] value) throws IOException {
        if (value.length > 0) {
            json.writeBinaryField(name, value);
        }
    }

    @Override
    public void strings(int number, String name, Iterable<String> values) throws IOException {
        Iterator<String> each = values.iterator();
        if (!each.hasNext()) {
            return;
        }
        json.writeArrayFieldStart(name);
        while (each.hasNext()) {
            json.writeString(each.next());
        }
        json.writeEndArray();
    }

    @Override
    public void int64s(int number, String name, long[] values) throws IOException {
        if (values.length == 0) {
            return;
        }
        json.writeArrayFieldStart(name);
        for (long value : values) {
            json.writeString(Long.toString(value));
        }
        json.writeEndArray();
    }

    @Override
    public void int32s(int number, String name, int[] values) throws IOException {
        if (values.length > 0) {
            json.writeFieldName(name);
            json.writeArray(values, 0, values.length);
        }
    }

    @Override
    public void float64s(int number, String name, double[] values) throws IOException {
        if (values.length > 0) {
            json.writeFieldName(name);
            json.writeArray(values, 0, values.length);
        }
    }

    @Override
    public void message(int number, String name, Part part) throws IOException {
        json.writeObjectFieldStart(name);
        part.write(this);
        json.writeEndObject();
    }

    @Override
    public <T> void messages(int number, String name, Iterable<T> items, PartOf<T> part)
            throws IOException {
        Iterator<T> each = items.iterator();
        if (!each.hasNext()) {
            return;
        }
        json.writeArrayFieldStart(name);
        while (each.hasNext()) {
            json.writeStartObject();
            part.write(each.next(), this);
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
