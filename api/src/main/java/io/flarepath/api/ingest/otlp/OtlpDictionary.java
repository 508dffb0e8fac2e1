package io.flarepath.api.ingest.otlp;

import io.flarepath.api.server.ApiError;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The tables of a request. Every index goes through here: entry 0 of a table means "none", also
 * when the table is empty; any other index outside its table is refused.
 */
final class OtlpDictionary {
    private final ProfilesDictionary tables;

    OtlpDictionary(ProfilesDictionary tables) {
        this.tables = tables;
    }

    ProfilesDictionary tables() {
        return tables;
    }

    /**
     * Checks an index.
     *
     * @return whether there is such an entry; false only for 0 of an empty table
     * @throws ApiError 400 for an index outside the table
     */
    static boolean has(int index, int size, String table) {
        if (index == 0 && size == 0) {
            return false;
        }
        if (index < 0 || index >= size) {
            throw ApiError.invalid(
                    "the request refers to entry "
                            + index
                            + " of the dictionary's "
                            + table
                            + ", which has "
                            + size);
        }
        return true;
    }

    String string(int index) {
        return has(index, tables.getStringTableCount(), "string_table")
                ? tables.getStringTable(index)
                : "";
    }

    /** The key of an attribute, which a Collector moves into the dictionary. */
    String key(KeyValue attribute) {
        return attribute.getKeyStrindex() != 0
                ? string(attribute.getKeyStrindex())
                : attribute.getKey();
    }

    /** The text of a value; what is no text is written as JSON would. */
    String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case STRING_VALUE_STRINDEX -> string(value.getStringValueStrindex());
            case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
            case INT_VALUE -> Long.toString(value.getIntValue());
            case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
            case BYTES_VALUE -> HexFormat.of().formatHex(value.getBytesValue().toByteArray());
            case ARRAY_VALUE -> list(value.getArrayValue());
            case KVLIST_VALUE -> map(value.getKvlistValue());
            case VALUE_NOT_SET -> "";
        };
    }

    private String string(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case STRING_VALUE_STRINDEX -> string(value.getStringValueStrindex());
            default -> "";
        };
    }

    private String list(ArrayValue array) {
        List<String> texts = new ArrayList<>();
        for (AnyValue value : array.getValuesList()) {
            texts.add(text(value));
        }
        return texts.toString();
    }

    private String map(KeyValueList list) {
        List<String> texts = new ArrayList<>();
        for (KeyValue entry : list.getValuesList()) {
            texts.add(key(entry) + "=" + text(entry.getValue()));
        }
        return texts.toString();
    }

    /**
     * The attribute with a key among indices into the attribute table, if it is a text; else empty.
     */
    String attribute(List<Integer> indices, String key) {
        for (int index : indices) {
            if (has(index, tables.getAttributeTableCount(), "attribute_table")) {
                KeyValueAndUnit attribute = tables.getAttributeTable(index);
                if (string(attribute.getKeyStrindex()).equals(key)) {
                    return string(attribute.getValue());
                }
            }
        }
        return "";
    }
}
