package io.flarepath.agent.export;

import java.util.Map;
import java.util.Set;

/** Parts of OTLP that are the same whatever is told of a resource. Not for several threads. */
final class ResourceParts {
    /** Attributes that are numbers by OpenTelemetry's conventions. */
    private static final Set<String> NUMBERS = Set.of("server.port", "http.response.status_code");

    private final WireBuffer part = new WireBuffer();
    private final WireBuffer scoped = new WireBuffer();
    private final WireBuffer whole = new WireBuffer();
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

    /**
     * Adds {@code ResourceMetrics} or {@code ResourceSpans} with one scope.
     *
     * @param version of this agent, that of the scope
     * @param items fields of the scope behind its own
     */
    void scoped(WireBuffer to, Map<String, String> resource, String version, WireBuffer items) {
        scoped.reset();
        scoped.message(1, scope("flarepath", version));
        scoped.append(items);
        whole.reset();
        whole.message(1, resource(resource));
        whole.message(2, scoped);
        to.message(1, whole);
    }

    /**
     * Adds a {@code KeyValue}: with a number where that is what the conventions have, if it is one.
     */
    void attribute(WireBuffer to, int field, String key, String text) {
        if (NUMBERS.contains(key) && isNumber(text)) {
            number(to, field, key, Integer.parseInt(text));
        } else {
            text(to, field, key, text);
        }
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() <= 9
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Adds a {@code KeyValue} with a text. */
    void text(WireBuffer to, int field, String key, String text) {
        value.reset();
        value.bytes(1, RequestDictionary.shortened(text));
        keyed(to, field, key);
    }

    /** Adds a {@code KeyValue} with a number. */
    void number(WireBuffer to, int field, String key, long number) {
        value.reset();
        value.chosenNumber(3, number);
        keyed(to, field, key);
    }

    /** Adds a {@code KeyValue} with a real number. */
    void real(WireBuffer to, int field, String key, double real) {
        value.reset();
        value.real(4, real);
        keyed(to, field, key);
    }

    /** Adds a {@code KeyValue} with a list of one text. */
    void list(WireBuffer to, int field, String key, String text) {
        attribute.reset();
        attribute.bytes(1, RequestDictionary.shortened(text));
        part.reset();
        part.message(1, attribute);
        value.reset();
        value.message(5, part);
        keyed(to, field, key);
    }

    private void keyed(WireBuffer to, int field, String key) {
        attribute.reset();
        attribute.string(1, key);
        attribute.message(2, value);
        to.message(field, attribute);
    }
}
