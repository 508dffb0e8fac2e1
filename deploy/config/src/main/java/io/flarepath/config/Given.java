package io.flarepath.config;

import java.util.List;

/**
 * One value as somebody gave it.
 *
 * @param key the dotted key as given, known or not
 * @param origin where it stands: {@code file:line}, the variable, or {@code --set}
 * @param items the text, or the items of a YAML list
 * @param sequence whether it is a YAML list
 */
record Given(String key, String origin, List<String> items, boolean sequence) {

    static Given text(String key, String origin, String text) {
        return new Given(key, origin, List.of(text), false);
    }

    /** The value for a message: quoted, short and without control characters. */
    String shown() {
        return quoted(sequence ? String.join(", ", items) : items.getFirst());
    }

    static String quoted(String value) {
        StringBuilder out = new StringBuilder("\"");
        int end = Math.min(value.length(), 80);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            out.append(Character.isISOControl(c) ? '?' : c);
        }
        return out.append(end < value.length() ? "…\"" : "\"").toString();
    }
}
