package io.flarepath.symbolizer.jfr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The types of a chunk: a table of texts, then a tree of elements with attributes, all of them
 * numbers of texts (jdk.jfr.internal.MetadataReader).
 */
final class Metadata {
    private static final int MOST_BYTES = 16 << 20;
    private static final int MOST_DEPTH = 16;
    private static final int MOST_ELEMENTS = 200_000;
    private static final int BYTES_AN_ELEMENT = 200;

    private final RecordingCursor cursor;
    private final LongConsumer memory;
    private final List<String> texts = new ArrayList<>();
    private final Map<Long, TypeLayout> types = new HashMap<>();
    private int elements;

    private record Element(String name, Map<String, String> attributes, List<Element> children) {
        String attribute(String key) {
            return attributes.getOrDefault(key, "");
        }

        long number(String key) throws MalformedRecordingException {
            String text = attribute(key);
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new MalformedRecordingException(
                        "the attribute " + key + " of the metadata is no number: " + shown(text));
            }
        }
    }

    private Metadata(RecordingCursor cursor, LongConsumer memory) {
        this.cursor = cursor;
        this.memory = memory;
    }

    /** Reads the metadata event of a chunk. */
    static Metadata read(RecordingCursor cursor, ChunkHeader chunk, LongConsumer memory)
            throws IOException {
        cursor.seek(chunk.metadata(), chunk.end());
        int size = cursor.intNumber();
        if (size < 1 || size > MOST_BYTES || size > chunk.end() - chunk.metadata()) {
            throw new MalformedRecordingException(
                    "the metadata at byte " + chunk.metadata() + " has " + size + " bytes");
        }
        long begin = cursor.position();
        cursor.seek(begin, chunk.metadata() + size);
        Metadata metadata = new Metadata(cursor, memory);
        metadata.readEvent();
        return metadata;
    }

    private void readEvent() throws IOException {
        long type = cursor.longNumber();
        if (type != 0) {
            throw new MalformedRecordingException(
                    "where the metadata should lie is an event of type " + type);
        }
        cursor.longNumber();
        cursor.longNumber();
        cursor.longNumber();
        int count = cursor.count("texts of the metadata");
        for (int i = 0; i < count; i++) {
            String text = cursor.text(key -> null);
            memory.accept(60 + 2L * (text == null ? 0 : text.length()));
            texts.add(text == null ? "" : text);
        }
        Element root = element(0);
        List<Element> classes = new ArrayList<>();
        for (Element child : root.children()) {
            if (child.name().equals("metadata")) {
                for (Element one : child.children()) {
                    if (one.name().equals("class")) {
                        classes.add(one);
                    }
                }
            }
        }
        readTypes(classes);
    }

    private Element element(int depth) throws IOException {
        if (depth > MOST_DEPTH || ++elements > MOST_ELEMENTS) {
            throw new MalformedRecordingException(
                    "the metadata is nested deeper than "
                            + MOST_DEPTH
                            + " or has more than "
                            + MOST_ELEMENTS
                            + " elements");
        }
        String name = text();
        int attributes = cursor.count("attributes");
        memory.accept(BYTES_AN_ELEMENT + 80L * attributes);
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < attributes; i++) {
            String key = text();
            values.put(key, text());
        }
        int children = cursor.count("elements");
        List<Element> list = new ArrayList<>();
        for (int i = 0; i < children; i++) {
            list.add(element(depth + 1));
        }
        return new Element(name, values, list);
    }

    private String text() throws IOException {
        int index = cursor.intNumber();
        if (index < 0 || index >= texts.size()) {
            throw new MalformedRecordingException(
                    "the metadata refers to text " + index + " of " + texts.size());
        }
        return texts.get(index);
    }

    private void readTypes(List<Element> classes) throws MalformedRecordingException {
        for (Element one : classes) {
            TypeLayout type = new TypeLayout(one.number("id"), one.attribute("name"));
            types.put(type.id(), type);
        }
        for (Element one : classes) {
            TypeLayout type = types.get(one.number("id"));
            for (Element child : one.children()) {
                if (type != null && child.name().equals("field")) {
                    type.add(field(child));
                }
            }
        }
    }

    private TypeLayout.Field field(Element element) throws MalformedRecordingException {
        String dimension = element.attribute("dimension");
        String name = element.attribute("name");
        return new TypeLayout.Field(
                name,
                element.number("class"),
                element.attribute("constantPool").equals("true"),
                !dimension.isEmpty() && !dimension.equals("0"),
                unit(element),
                FieldSlot.of(name));
    }

    private String unit(Element field) throws MalformedRecordingException {
        for (Element child : field.children()) {
            if (child.name().equals("annotation")) {
                TypeLayout annotation = types.get(child.number("class"));
                if (annotation != null && annotation.name().equals("jdk.jfr.Timespan")) {
                    return child.attribute("value");
                }
            }
        }
        return "";
    }

    /** A type by its number, or null. */
    @Nullable TypeLayout type(long id) {
        return types.get(id);
    }

    /** A type by its number. */
    TypeLayout known(long id) throws MalformedRecordingException {
        TypeLayout type = types.get(id);
        if (type == null) {
            throw new MalformedRecordingException(
                    "type " + id + " is not in the metadata of its chunk");
        }
        return type;
    }

    private static String shown(String text) {
        return '"' + text.substring(0, Math.min(40, text.length())) + '"';
    }
}
