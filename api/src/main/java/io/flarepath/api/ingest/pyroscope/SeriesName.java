package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.server.ApiError;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parameter {@code name} of Pyroscope's ingest: {@code app{key=value,key2=value2}}. The braces
 * are optional; there are no quotes and no escapes: a value runs to the next comma or brace. A pair
 * that neither of them ends is left out, as the reference (api/model/labelset) does.
 *
 * @param app the application
 * @param labels the labels, without those that start with {@code __}
 */
record SeriesName(String app, Map<String, String> labels) {
    private static final String RESERVED_NAME = "__name__";

    /**
     * Parses.
     *
     * @throws ApiError 400 for an empty or illegal application or label name
     */
    static SeriesName parse(String text) {
        int brace = text.indexOf('{');
        String app = (brace < 0 ? text : text.substring(0, brace)).strip();
        checkApp(app);
        Map<String, String> labels = new LinkedHashMap<>();
        int at = brace < 0 ? text.length() : brace + 1;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            int close = text.indexOf('}', at);
            if (close >= 0 && (equals < 0 || close < equals)) {
                break;
            }
            int end = equals < 0 ? -1 : endOfValue(text, equals + 1);
            if (end < 0) {
                break;
            }
            String name = text.substring(at, equals).strip();
            String value = text.substring(equals + 1, end).strip();
            if (name.equals(RESERVED_NAME)) {
                checkApp(value);
                app = value;
            } else {
                checkLabel(name);
                labels.put(name, value);
            }
            at = end + 1;
        }
        labels.keySet().removeIf(name -> name.startsWith("__"));
        return new SeriesName(app, labels);
    }

    private static int endOfValue(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) == ',' || text.charAt(i) == '}') {
                return i;
            }
        }
        return -1;
    }

    private static void checkApp(String app) {
        if (app.isEmpty()) {
            throw ApiError.invalid(
                    "service name is required: the parameter name=… is missing or starts with {");
        }
        for (int i = 0; i < app.length(); i++) {
            char c = app.charAt(i);
            if (!isPlain(c) && c != '-' && c != '/') {
                throw ApiError.invalid(
                        "the service name "
                                + LabelRules.shown(app)
                                + " may hold only letters, digits and _ . - /, and holds "
                                + LabelRules.shown(Character.toString(app.codePointAt(i))));
            }
        }
    }

    private static void checkLabel(String name) {
        if (name.isEmpty()) {
            throw ApiError.invalid("a label in the parameter name=… has an empty name");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i))) {
                throw ApiError.invalid(
                        "the name of label "
                                + LabelRules.shown(name)
                                + " may hold only letters, digits and _ ., and holds "
                                + LabelRules.shown(Character.toString(name.codePointAt(i))));
            }
        }
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '_'
                || c == '.';
    }
}
