package io.flarepath.api.query.connect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request message: enough to read its binary form into what its JSON form would
 * have been, so that both are checked by the same code. Unknown fields are skipped, as protobuf
 * demands, but in messages of which that would change what is asked for.
 */
final class RequestSchema {
    /** What a field holds. */
    enum Kind {
        NUMBER,
        BOOL,
        DOUBLE,
        TEXT,
        MESSAGE
    }

    private record Field(
            String name, Kind kind, boolean repeated, @Nullable RequestSchema message) {}

    private static final int MOST_ELEMENTS = 10_000;

    private final Map<Integer, Field> fields = new TreeMap<>();
    private @Nullable Function<String, ApiError> unknown;

    /** Refuses unknown fields of this message, of which the refusal is told the number. */
    RequestSchema refusing(Function<String, ApiError> refusal) {
        unknown = refusal;
        return this;
    }

    /** A single field. */
    RequestSchema with(int number, String name, Kind kind) {
        fields.put(number, new Field(name, kind, false, null));
        return this;
    }

    /** A list of texts. */
    RequestSchema texts(int number, String name) {
        fields.put(number, new Field(name, Kind.TEXT, true, null));
        return this;
    }

    /** A message within. */
    RequestSchema message(int number, String name, RequestSchema schema) {
        fields.put(number, new Field(name, Kind.MESSAGE, false, schema));
        return this;
    }

    /** A list of messages within. */
    RequestSchema messages(int number, String name, RequestSchema schema) {
        fields.put(number, new Field(name, Kind.MESSAGE, true, schema));
        return this;
    }

    /** Reads the binary form; errors are 400. */
    ObjectNode decode(byte[] body) {
        try {
            return decode(CodedInputStream.newInstance(body));
        } catch (InvalidProtocolBufferException e) {
            throw ApiError.invalid("the body is no protobuf message: " + e.getMessage());
        } catch (IOException e) {
            throw ApiError.invalid("the body cannot be read: " + e.getMessage());
        }
    }

    private ObjectNode decode(CodedInputStream in) throws IOException {
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Field field = fields.get(WireFormat.getTagFieldNumber(tag));
            if (field == null && unknown != null) {
                throw unknown.apply("field " + WireFormat.getTagFieldNumber(tag));
            }
            if (field == null || WireFormat.getTagWireType(tag) != wireType(field.kind)) {
                in.skipField(tag);
                continue;
            }
            read(field, message, in);
        }
        return message;
    }

    private static int wireType(Kind kind) {
        return switch (kind) {
            case NUMBER, BOOL -> WireFormat.WIRETYPE_VARINT;
            case DOUBLE -> WireFormat.WIRETYPE_FIXED64;
            case TEXT, MESSAGE -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
        };
    }

    private static void read(Field field, ObjectNode message, CodedInputStream in)
            throws IOException {
        switch (field.kind) {
            case NUMBER -> message.put(field.name, in.readInt64());
            case BOOL -> message.put(field.name, in.readBool());
            case DOUBLE -> message.put(field.name, in.readDouble());
            case TEXT -> {
                String text = in.readStringRequireUtf8();
                if (field.repeated) {
                    list(field, message).add(text);
                } else {
                    message.put(field.name, text);
                }
            }
            case MESSAGE -> {
                RequestSchema schema = field.message;
                if (schema == null) {
                    throw new IllegalStateException(field.name + " has no schema");
                }
                int outer = in.pushLimit(in.readRawVarint32());
                ObjectNode inner = schema.decode(in);
                in.popLimit(outer);
                if (field.repeated) {
                    list(field, message).add(inner);
                } else {
                    message.set(field.name, inner);
                }
            }
        }
    }

    private static ArrayNode list(Field field, ObjectNode message) {
        ArrayNode list = message.withArrayProperty(field.name);
        if (list.size() >= MOST_ELEMENTS) {
            throw ApiError.invalid(
                    field.name
                            + " has more than "
                            + MOST_ELEMENTS
                            + " elements, which is the limit");
        }
        return list;
    }
}
