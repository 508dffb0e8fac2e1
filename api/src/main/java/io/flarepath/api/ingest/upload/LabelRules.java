package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.store.profile.Labels;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What the labels of a series must follow before they reach the store. */
public final class LabelRules {
    private static final int SHOWN = 60;

    private final Limits limits;

    /** The rules under the configured limits. */
    public LabelRules(Limits limits) {
        this.limits = limits;
    }

    /**
     * The labels, checked.
     *
     * @throws ApiError 400 that names the label, the rule and both values
     */
    public Labels check(Map<String, String> labels) {
        if (labels.size() > limits.labels()) {
            throw ApiError.invalid(
                    "the series has "
                            + labels.size()
                            + " labels, the limit is "
                            + limits.labels()
                            + " (setting limits.labels)");
        }
        labels.forEach(this::check);
        return Labels.of(labels);
    }

    /** Whether a series may have so many labels. */
    public boolean allows(int labels) {
        return labels <= limits.labels();
    }

    /** Whether a series may have such a label. */
    public boolean allows(String name, String value) {
        try {
            check(name, value);
            return true;
        } catch (ApiError e) {
            return false;
        }
    }

    /**
     * Checks one label that the server itself adds to those of the client.
     *
     * @throws ApiError 400 that names the label, the rule and both values
     */
    public void check(String name, String value) {
        if (name.isEmpty()) {
            throw ApiError.invalid("a label has an empty name; its value is " + shown(value));
        }
        checkLength("name", name, name, limits.labelNameBytes(), "limits.label-name");
        checkLength("value", name, value, limits.labelValueBytes(), "limits.label-value");
        checkText("name", name, name);
        checkText("value", name, value);
        if (name.startsWith("__")) {
            throw ApiError.invalid(
                    "the label " + shown(name) + " starts with __, which is reserved");
        }
    }

    private static void checkLength(
            String what, String name, String text, int limit, String setting) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > limit) {
            throw ApiError.invalid(
                    "the "
                            + what
                            + " of label "
                            + shown(name)
                            + " has "
                            + bytes
                            + " bytes, the limit is "
                            + limit
                            + " (setting "
                            + setting
                            + ")");
        }
    }

    private static void checkText(String what, String name, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                throw ApiError.invalid(
                        String.format(
                                "the %s of label %s holds the control character U+%04X",
                                what, shown(name), (int) c));
            }
            if (isUnpaired(text, i)) {
                throw ApiError.invalid(
                        "the " + what + " of label " + shown(name) + " is not valid Unicode");
            }
        }
    }

    private static boolean isUnpaired(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c)
                && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    /** A text as it may stand in a message: quoted, short, without control characters. */
    public static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints()
                .limit(SHOWN)
                .forEach(c -> {
                    if (Character.isISOControl(c) || (c >= 0xD800 && c < 0xE000)) {
                        shown.append(String.format("\\u%04x", c));
                    } else {
                        shown.appendCodePoint(c);
                    }
                });
        return shown.append(text.codePointCount(0, text.length()) > SHOWN ? "…\"" : "\"")
                .toString();
    }
}
