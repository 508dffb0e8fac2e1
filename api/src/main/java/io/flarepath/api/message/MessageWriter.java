package io.flarepath.api.message;

import java.io.IOException;
import java.util.List;

/**
 * Takes the fields of one protobuf message, by number and by the name that its JSON form has. As
 * proto3 has it, a single field with its default value (0, empty, false) is left out.
 */
public interface MessageWriter {
    /** Something that writes the fields of one message. */
    @FunctionalInterface
    interface Part {
        /** Writes the fields. */
        void write(MessageWriter out) throws IOException;
    }

    /** Something that writes the fields of one message about one thing. */
    @FunctionalInterface
    interface PartOf<T> {
        /** Writes the fields. */
        void write(T item, MessageWriter out) throws IOException;
    }

    /** A text. */
    void string(int number, String name, String value) throws IOException;

    /** An int64 or uint64; in JSON a string of digits. */
    void int64(int number, String name, long value) throws IOException;

    /** A double. */
    void float64(int number, String name, double value) throws IOException;

    /** A bool. */
    void bool(int number, String name, boolean value) throws IOException;

    /** Bytes; in JSON as base64. */
    void bytes(int number, String name, byte[] value) throws IOException;

    /** Texts, the empty ones too. */
    void strings(int number, String name, Iterable<String> values) throws IOException;

    /** A packed list of int64 or uint64. */
    void int64s(int number, String name, long[] values) throws IOException;

    /** A packed list of int32; in JSON numbers. */
    void int32s(int number, String name, int[] values) throws IOException;

    /** A packed list of doubles. */
    void float64s(int number, String name, double[] values) throws IOException;

    /** One message, also when it is empty. */
    void message(int number, String name, Part part) throws IOException;

    /** A list of messages. */
    <T> void messages(int number, String name, Iterable<T> items, PartOf<T> part)
            throws IOException;

    /** A list of messages that were collected before. */
    default void messages(int number, String name, List<? extends Part> parts) throws IOException {
        messages(number, name, parts, (part, out) -> part.write(out));
    }
}
