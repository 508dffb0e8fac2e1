package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Nodes of a flame graph as columns of small numbers into tables of names: half the bytes of nested
 * objects, and nothing for the page to take apart.
 */
final class Columns {
    private static final int INLINED = 1;
    private static final int OTHER = 2;
    private static final int LOW_CONFIDENCE = 4;
    private static final Binary NO_BINARY = new Binary("", "");

    private final Table names = new Table();
    private final Table files = new Table();
    private final Map<Binary, Integer> binaries = new LinkedHashMap<>();
    private final Table kinds = new Table();
    private final int size;
    private final int[] name;
    private final int[] file;
    private final int[] mapping;
    private final int[] kind;
    private final int[] flags;

    /** Hands out a number for each text, in order of first use. */
    private static final class Table {
        private final Map<String, Integer> numbers = new LinkedHashMap<>();

        int numberOf(String text) {
            Integer known = numbers.get(text);
            if (known != null) {
                return known;
            }
            numbers.put(text, numbers.size());
            return numbers.size() - 1;
        }

        void write(JsonGenerator json, String field) throws IOException {
            json.writeArrayFieldStart(field);
            for (String text : numbers.keySet()) {
                json.writeString(text);
            }
            json.writeEndArray();
        }
    }

    /** One executable; two builds of a name are two. */
    private record Binary(String mapping, String buildId) {}

    /** The frame of a node. */
    @FunctionalInterface
    interface Frames {
        /** The frame of any node but the root. */
        Frame of(int node);
    }

    /** Collects the columns that name the nodes. */
    Columns(int size, Frames frames, IntPredicate isOther) {
        this.size = size;
        this.name = new int[size];
        this.file = new int[size];
        this.mapping = new int[size];
        this.kind = new int[size];
        this.flags = new int[size];
        Map<Frame, Integer> firstNode = new HashMap<>();
        set(0, "total", "", NO_BINARY, FrameKind.UNKNOWN, 0);
        for (int node = 1; node < size; node++) {
            if (isOther.test(node)) {
                set(node, "other", "", NO_BINARY, FrameKind.UNKNOWN, OTHER);
                continue;
            }
            Frame frame = frames.of(node);
            Integer same = firstNode.putIfAbsent(frame, node);
            if (same != null) {
                copy(same, node);
            } else {
                int about =
                        (frame.inlined() ? INLINED : 0)
                                | (frame.lowConfidence() ? LOW_CONFIDENCE : 0);
                Binary binary = new Binary(frame.mapping(), frame.buildId());
                set(node, frame.function(), frame.file(), binary, frame.kind(), about);
            }
        }
    }

    private void copy(int from, int to) {
        name[to] = name[from];
        file[to] = file[from];
        mapping[to] = mapping[from];
        kind[to] = kind[from];
        flags[to] = flags[from];
    }

    private void set(
            int node, String function, String path, Binary binary, FrameKind kindOfCode, int flag) {
        name[node] = names.numberOf(function);
        file[node] = files.numberOf(path);
        Integer known = binaries.putIfAbsent(binary, binaries.size());
        mapping[node] = known == null ? binaries.size() - 1 : known;
        kind[node] = kinds.numberOf(kindOfCode.otelName());
        flags[node] = flag;
    }

    /** Writes the tables, as fields of the object that is open. */
    void writeTables(JsonGenerator json) throws IOException {
        names.write(json, "names");
        files.write(json, "files");
        writeBinaries(json, "mappings", Binary::mapping);
        writeBinaries(json, "buildIds", Binary::buildId);
        kinds.write(json, "kinds");
    }

    private void writeBinaries(JsonGenerator json, String field, Function<Binary, String> text)
            throws IOException {
        json.writeArrayFieldStart(field);
        for (Binary binary : binaries.keySet()) {
            json.writeString(text.apply(binary));
        }
        json.writeEndArray();
    }

    /** Writes the columns that name the nodes, as fields of the object that is open. */
    void writeNodes(JsonGenerator json, IntUnaryOperator parent) throws IOException {
        json.writeArrayFieldStart("parent");
        for (int node = 0; node < size; node++) {
            json.writeNumber(parent.applyAsInt(node));
        }
        json.writeEndArray();
        write(json, "name", name);
        write(json, "file", file);
        write(json, "mapping", mapping);
        write(json, "kind", kind);
        write(json, "flags", flags);
    }

    /** Writes a column of values. */
    void writeValues(JsonGenerator json, String field, LongUnaryOperator value) throws IOException {
        json.writeArrayFieldStart(field);
        for (int node = 0; node < size; node++) {
            json.writeNumber(value.applyAsLong(node));
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, String field, int[] column) throws IOException {
        json.writeFieldName(field);
        json.writeArray(column, 0, column.length);
    }
}
