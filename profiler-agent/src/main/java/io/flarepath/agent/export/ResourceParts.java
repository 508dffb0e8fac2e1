package io.flarepath.agent.export;

import java.util.Map;

/** Parts of OTLP that are the same whatever is told of a resource. Not for several threads. */
final class ResourceParts {
    private final WireBuffer part = new WireBuffer();
    private final WireBuffer attribute = new WireBuffer();
    private final WireBuffer value = new WireBuffer();

    /** An {@code InstrumentationScope}; good until the next part is asked for. */
    WireBuffer scope(String name, String version) {
        part.reset();
        part.string(1, name);
        part.string(2, version);
        return part;
    }

    /** A {@code Resource}; good until the next part is asked for. */
    WireBuffer resource(Map<String, String> attributes) {
        part.reset();
        attributes.forEach((key, text) -> text(part, 1, key, text));
        return part;
    }

    /** Adds a {@code KeyValue} with a text. */
    void text(WireBuffer to, int field, String key, String text) {
        value.reset();
        value.bytes(1, RequestDictionary.shortened(text));
        attribute(to, field, key);
    }

    /** Adds a {@code KeyValue} with a number. */
    void number(WireBuffer to, int field, String key, long number) {
        value.reset();
        value.chosenNumber(3, number);
        attribute(to, field, key);
    }

    private void attribute(WireBuffer to, int field, String key) {
        attribute.reset();
        attribute.string(1, key);
        attribute.message(2, value);
        to.message(field, attribute);
    }
}
