package io.flarepath.symbolizer.jfr;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How values of one type lie in a chunk, as the chunk's metadata says. */
final class TypeLayout {
    /** Encodings of a value. */
    enum Encoding {
        BYTE(1),
        SHORT(2),
        INT(4),
        LONG(8),
        FLOAT(4),
        DOUBLE(8),
        TEXT(0),
        STRUCT(0);

        final int width;

        Encoding(int width) {
            this.width = width;
        }

        static Encoding of(String type) {
            return switch (type) {
                case "boolean", "byte" -> BYTE;
                case "char", "short" -> SHORT;
                case "int" -> INT;
                case "long" -> LONG;
                case "float" -> FLOAT;
                case "double" -> DOUBLE;
                case "java.lang.String" -> TEXT;
                default -> STRUCT;
            };
        }
    }

    /**
     * A field.
     *
     * @param name its name
     * @param typeId the type of its values
     * @param pooled whether a key stands in place of the value
     * @param array whether it is a number of values
     * @param unit the unit of a time span, empty when it is none
     * @param slot where its value goes, or null
     */
    record Field(
            String name,
            long typeId,
            boolean pooled,
            boolean array,
            String unit,
            @Nullable FieldSlot slot) {}

    private final long id;
    private final String name;
    private final Encoding encoding;
    private final List<Field> fields = new ArrayList<>();

    TypeLayout(long id, String name) {
        this.id = id;
        this.name = name;
        this.encoding = Encoding.of(name);
    }

    void add(Field field) {
        fields.add(field);
    }

    long id() {
        return id;
    }

    String name() {
        return name;
    }

    Encoding encoding() {
        return encoding;
    }

    /** The fields in the order in which they are written. */
    List<Field> fields() {
        return fields;
    }

    /** The unit of a time span, {@code TICKS} unless the metadata says otherwise. */
    String unit(FieldSlot slot) {
        for (Field field : fields) {
            if (field.slot() == slot && !field.unit().isEmpty()) {
                return field.unit();
            }
        }
        return "TICKS";
    }
}
