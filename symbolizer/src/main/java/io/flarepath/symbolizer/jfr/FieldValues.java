package io.flarepath.symbolizer.jfr;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What was read of one event or pooled value, by field. Used again for the next one.
 *
 * <p>The number of a slot is a place in the arrays, and goes nowhere else.
 */
@SuppressWarnings("EnumOrdinal")
final class FieldValues {
    private final long[] numbers = new long[FieldSlot.values().length];
    private final boolean[] present = new boolean[numbers.length];
    private final @Nullable String[] texts = new @Nullable String[numbers.length];

    void clear() {
        Arrays.fill(numbers, 0);
        Arrays.fill(present, false);
        Arrays.fill(texts, null);
    }

    void number(FieldSlot slot, long value) {
        numbers[slot.ordinal()] = value;
        present[slot.ordinal()] = true;
    }

    void text(FieldSlot slot, @Nullable String value) {
        texts[slot.ordinal()] = value;
    }

    /** A number or the key of a pooled value; 0 when there is no such field. */
    long number(FieldSlot slot) {
        return numbers[slot.ordinal()];
    }

    boolean has(FieldSlot slot) {
        return present[slot.ordinal()];
    }

    /** A text; empty when it is null or there is no such field. */
    String text(FieldSlot slot) {
        String text = texts[slot.ordinal()];
        return text == null ? "" : text;
    }
}
