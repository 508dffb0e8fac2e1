package io.flarepath.agent.export;

import io.flarepath.symbolizer.Frame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables that the profiles of one request share. Each table is written as it grows; what stands
 * at index 0 means "none". Source: {@code ProfilesDictionary} in opentelemetry-proto's {@code
 * profiles/v1development/profiles.proto}.
 */
final class RequestDictionary {
    /** Longest string in bytes; longer ones are generated names that nobody reads to their end. */
    static final int LONGEST_STRING = 4096;

    /** Ours: of a location that was found by a frame pointer alone. */
    private static final String CONFIDENCE = "flarepath.frame.confidence";

    private static final String LOW = "low";

    /** Ours: of a location whose first line, the innermost frame's, is only near. */
    private static final String LINE = "flarepath.frame.line";

    private static final String APPROXIMATE = "approximate";

    private static final int MAPPING = 1;
    private static final int LOCATION = 2;
    private static final int FUNCTION = 3;
    private static final int LINK = 4;
    private static final int STRING = 5;
    private static final int ATTRIBUTE = 6;
    private static final int STACK = 7;

    private final Table<String> strings = new Table<>(STRING);
    private final Table<Function> functions = new Table<>(FUNCTION);
    private final Table<Mapping> mappings = new Table<>(MAPPING);
    private final Table<Attribute> attributes = new Table<>(ATTRIBUTE);

    /** The key is the Frame, or the List of them where some are inlined. */
    private final Table<Object> locations = new Table<>(LOCATION);

    /**
     * The same by identity, for frames that stand alone: the agent gives the same object for the
     * same place nearly always, and comparing the contents is most of what encoding would cost.
     */
    private final IdentityHashMap<Frame, Integer> known = new IdentityHashMap<>();

    private final Table<Stack> stacks = new Table<>(STACK);
    private final WireBuffer links = new WireBuffer();
    private final WireBuffer entry = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();

    private record Function(String name, String systemName, String file, int startLine) {}

    private record Mapping(String file, String buildId) {}

    /** The value is a String or a Long. */
    private record Attribute(String key, Object value) {}

    /** Location indices, compared by content. */
    private record Stack(int[] locations) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Stack stack && Arrays.equals(locations, stack.locations);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(locations);
        }
    }

    /** Indices by content, and the entries in the form that they are sent in. */
    private static final class Table<K> {
        private final int field;
        private final Map<K, Integer> indices = new HashMap<>();
        private final WireBuffer written = new WireBuffer();

        Table(int field) {
            this.field = field;
        }

        /** The index of a key that is there, or -1. */
        int find(K key) {
            return indices.getOrDefault(key, -1);
        }

        int add(K key, WireBuffer message) {
            written.message(field, message);
            int index = indices.size() + 1;
            indices.put(key, index);
            return index;
        }

        void reset() {
            indices.clear();
            written.reset();
            written.header(field, 0);
        }
    }

    RequestDictionary() {
        reset();
    }

    void reset() {
        for (Table<?> table : tables()) {
            table.reset();
        }
        known.clear();
        links.reset();
        // All bits zero rather than empty: some decoders insist on 16 and 8 bytes.
        entry.reset();
        entry.bytes(1, new byte[16]);
        entry.bytes(2, new byte[8]);
        links.message(LINK, entry);
    }

    int size() {
        int sum = links.length();
        for (Table<?> table : tables()) {
            sum += table.written.length();
        }
        return sum;
    }

    void appendTo(WireBuffer out) {
        for (Table<?> table : tables()) {
            out.append(table.written);
        }
        out.append(links);
    }

    private List<Table<?>> tables() {
        return List.of(mappings, locations, functions, strings, attributes, stacks);
    }

    int string(String value) {
        if (value.isEmpty()) {
            return 0;
        }
        int found = strings.find(value);
        if (found >= 0) {
            return found;
        }
        byte[] utf8 = shortened(value);
        strings.written.bytes(STRING, utf8);
        int index = strings.indices.size() + 1;
        strings.indices.put(value, index);
        return index;
    }

    int attribute(String key, Object value) {
        Attribute attribute = new Attribute(key, value);
        int found = attributes.find(attribute);
        if (found >= 0) {
            return found;
        }
        int keyIndex = string(key);
        inner.reset();
        if (value instanceof Long number) {
            inner.chosenNumber(3, number);
        } else {
            inner.bytes(1, shortened((String) value));
        }
        entry.reset();
        entry.number(1, keyIndex);
        entry.message(2, inner);
        return attributes.add(attribute, entry);
    }

    /** The index of a stack, frames leaf first. */
    int stack(List<Frame> frames) {
        int[] indices = new int[frames.size()];
        int count = 0;
        int start = 0;
        while (start < frames.size()) {
            int end = endOfLocation(frames, start);
            indices[count++] = location(frames, start, end);
            start = end;
        }
        Stack stack = new Stack(Arrays.copyOf(indices, count));
        int found = stacks.find(stack);
        if (found >= 0) {
            return found;
        }
        inner.reset();
        for (int index : stack.locations()) {
            inner.varint(index);
        }
        entry.reset();
        entry.message(1, inner);
        return stacks.add(stack, entry);
    }

    /**
     * Frames that were inlined share a location with the frame into which they were inlined, as far
     * as one location can say what they are.
     */
    private static int endOfLocation(List<Frame> frames, int start) {
        int at = start;
        while (frames.get(at).inlined()
                && at + 1 < frames.size()
                && sharePlace(frames.get(at), frames.get(at + 1))) {
            at++;
        }
        return at + 1;
    }

    private static boolean sharePlace(Frame one, Frame other) {
        return one.kind() == other.kind()
                && one.lowConfidence() == other.lowConfidence()
                && one.address() == other.address()
                && one.mapping().equals(other.mapping())
                && one.buildId().equals(other.buildId());
    }

    private int location(List<Frame> all, int start, int end) {
        Frame last = all.get(end - 1);
        boolean single = end - start == 1;
        Integer seen = single ? known.get(last) : null;
        if (seen != null) {
            return seen;
        }
        int index = locationOf(all, start, end, last);
        if (single) {
            known.put(last, index);
        }
        return index;
    }

    private int locationOf(List<Frame> all, int start, int end, Frame last) {
        // Inlined, but its host is unknown or elsewhere: the same as a plain frame in this form.
        Frame outer = last.inlined() ? notInlined(last) : last;
        boolean single = end - start == 1;
        List<Frame> frames = single ? List.of(outer) : inlinedInto(all.subList(start, end), outer);
        Object key = single ? outer : frames;
        int found = locations.find(key);
        if (found >= 0) {
            return found;
        }
        int mapping = mapping(outer);
        int kind = attribute("profile.frame.type", outer.kind().otelName());
        int confidence = outer.lowConfidence() ? attribute(CONFIDENCE, LOW) : 0;
        int line = frames.getFirst().approximateLine() ? attribute(LINE, APPROXIMATE) : 0;
        int[] functionIndices = new int[frames.size()];
        for (int i = 0; i < functionIndices.length; i++) {
            functionIndices[i] = function(frames.get(i));
        }
        entry.reset();
        entry.number(1, mapping);
        entry.number(2, outer.address());
        for (int i = 0; i < functionIndices.length; i++) {
            inner.reset();
            inner.number(1, functionIndices[i]);
            inner.number(2, frames.get(i).line());
            entry.message(3, inner);
        }
        inner.reset();
        inner.varint(kind);
        if (confidence > 0) {
            inner.varint(confidence);
        }
        if (line > 0) {
            inner.varint(line);
        }
        entry.message(4, inner);
        return locations.add(key, entry);
    }

    private static List<Frame> inlinedInto(List<Frame> frames, Frame outer) {
        List<Frame> copy = new ArrayList<>(frames);
        copy.set(copy.size() - 1, outer);
        return copy;
    }

    private static Frame notInlined(Frame frame) {
        return new Frame(
                frame.function(),
                frame.file(),
                frame.line(),
                frame.mapping(),
                frame.buildId(),
                frame.address(),
                frame.kind(),
                false,
                frame.systemName(),
                frame.startLine(),
                frame.lowConfidence(),
                frame.approximateLine());
    }

    private int function(Frame frame) {
        Function function =
                new Function(frame.function(), frame.systemName(), frame.file(), frame.startLine());
        int found = functions.find(function);
        if (found >= 0) {
            return found;
        }
        int name = string(function.name());
        int systemName = string(function.systemName());
        int file = string(function.file());
        entry.reset();
        entry.number(1, name);
        entry.number(2, systemName);
        entry.number(3, file);
        entry.number(4, function.startLine());
        return functions.add(function, entry);
    }

    private int mapping(Frame frame) {
        if (frame.mapping().isEmpty() && frame.buildId().isEmpty()) {
            return 0;
        }
        Mapping mapping = new Mapping(frame.mapping(), frame.buildId());
        int found = mappings.find(mapping);
        if (found >= 0) {
            return found;
        }
        int file = string(mapping.file());
        String buildId = mapping.buildId();
        int attribute =
                buildId.isEmpty() ? 0 : attribute("process.executable.build_id.gnu", buildId);
        entry.reset();
        entry.number(4, file);
        if (attribute > 0) {
            inner.reset();
            inner.varint(attribute);
            entry.message(5, inner);
        }
        return mappings.add(mapping, entry);
    }

    /** The text in UTF-8, cut between characters where it is too long. */
    static byte[] shortened(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= LONGEST_STRING) {
            return utf8;
        }
        int end = LONGEST_STRING - 3;
        while ((utf8[end] & 0xC0) == 0x80) {
            end--;
        }
        byte[] cut = Arrays.copyOf(utf8, end + 3);
        byte[] ellipsis = "…".getBytes(StandardCharsets.UTF_8);
        System.arraycopy(ellipsis, 0, cut, end, ellipsis.length);
        return cut;
    }
}
