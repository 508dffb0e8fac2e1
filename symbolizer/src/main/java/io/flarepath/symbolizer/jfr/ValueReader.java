package io.flarepath.symbolizer.jfr;

import java.io.IOException;
import java.util.List;

/**
 * Reads values as their type says, and skips what nobody asks for. Each value takes at least one
 * byte, so that the work is bounded by what the chunk has: a type without fields is refused.
 */
final class ValueReader {
    private static final int MOST_DEPTH = 32;

    private final RecordingCursor cursor;
    private final Metadata metadata;
    private final RecordingCursor.PooledTexts texts;

    ValueReader(RecordingCursor cursor, Metadata metadata, RecordingCursor.PooledTexts texts) {
        this.cursor = cursor;
        this.metadata = metadata;
        this.texts = texts;
    }

    /** Takes the elements of an array of structures in turn. */
    @FunctionalInterface
    interface ElementSink {
        void element(FieldValues values) throws IOException;
    }

    /** Reads a structure at the cursor. */
    void read(TypeLayout type, FieldValues into) throws IOException {
        into.clear();
        List<TypeLayout.Field> fields = fieldsOf(type);
        for (int i = 0; i < fields.size(); i++) {
            TypeLayout.Field field = fields.get(i);
            FieldSlot slot = field.slot();
            if (slot == null || field.array()) {
                skip(field, 0);
            } else if (field.pooled()) {
                into.number(slot, cursor.longNumber());
            } else {
                capture(metadata.known(field.typeId()), slot, into);
            }
        }
    }

    private void capture(TypeLayout type, FieldSlot slot, FieldValues into) throws IOException {
        switch (type.encoding()) {
            case BYTE -> into.number(slot, cursor.u1());
            case SHORT -> into.number(slot, (short) cursor.integer(2));
            case INT -> into.number(slot, cursor.intNumber());
            case LONG -> into.number(slot, cursor.longNumber());
            case TEXT -> into.text(slot, cursor.text(texts));
            case FLOAT, DOUBLE, STRUCT -> skip(type, 0);
        }
    }

    /**
     * Reads a stack trace at the cursor: hands over its frames, leaf first.
     *
     * @return whether it says that frames are missing
     */
    boolean stackTrace(TypeLayout type, FieldValues scratch, ElementSink frames)
            throws IOException {
        boolean truncated = false;
        for (TypeLayout.Field field : fieldsOf(type)) {
            TypeLayout of = metadata.known(field.typeId());
            if (field.name().equals("frames") && field.array() && !field.pooled()) {
                for (int left = cursor.count("frames"); left > 0; left--) {
                    read(of, scratch);
                    frames.element(scratch);
                }
            } else if (field.name().equals("truncated")
                    && !field.array()
                    && !field.pooled()
                    && of.encoding() == TypeLayout.Encoding.BYTE) {
                truncated = cursor.u1() != 0;
            } else {
                skip(field, 0);
            }
        }
        return truncated;
    }

    /** Goes behind a value of a type. */
    void skip(TypeLayout type) throws IOException {
        skip(type, 0);
    }

    private void skip(TypeLayout.Field field, int depth) throws IOException {
        int count = field.array() ? cursor.count("elements of an array") : 1;
        if (field.pooled()) {
            for (int i = 0; i < count; i++) {
                cursor.longNumber();
            }
            return;
        }
        TypeLayout type = metadata.known(field.typeId());
        for (int i = 0; i < count; i++) {
            skip(type, depth);
        }
    }

    private void skip(TypeLayout type, int depth) throws IOException {
        switch (type.encoding()) {
            case FLOAT, DOUBLE -> cursor.skip(type.encoding().width);
            case TEXT -> cursor.skipText();
            case STRUCT -> {
                if (depth > MOST_DEPTH) {
                    throw new MalformedRecordingException(
                            "values of type " + type.name() + " hold values of their own type");
                }
                List<TypeLayout.Field> fields = fieldsOf(type);
                for (int i = 0; i < fields.size(); i++) {
                    skip(fields.get(i), depth + 1);
                }
            }
            default -> cursor.integer(type.encoding().width);
        }
    }

    private static List<TypeLayout.Field> fieldsOf(TypeLayout type)
            throws MalformedRecordingException {
        if (type.fields().isEmpty()) {
            throw new MalformedRecordingException(
                    "type " + type.name() + " has no fields, and yet there are values of it");
        }
        return type.fields();
    }
}
