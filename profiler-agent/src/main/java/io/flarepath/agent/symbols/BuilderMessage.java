package io.flarepath.agent.symbols;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A line between the agent and its builder: fields with blanks between, each URL-encoded. */
public final class BuilderMessage {
    /** First field of an answer: the symbol file is there. */
    public static final String DONE = "done";

    /** First field of an answer: there is none, for the reason in the second. */
    public static final String FAILED = "failed";

    private BuilderMessage() {}

    static String encode(List<String> fields) {
        List<String> encoded = new ArrayList<>();
        for (String field : fields) {
            encoded.add('=' + URLEncoder.encode(field, StandardCharsets.UTF_8));
        }
        return String.join(" ", encoded);
    }

    /**
     * The fields.
     *
     * @throws IllegalArgumentException if it is no such line
     */
    static List<String> decode(String line) {
        List<String> fields = new ArrayList<>();
        for (String field : line.split(" ", -1)) {
            if (!field.startsWith("=")) {
                throw new IllegalArgumentException("a field does not begin with =: " + field);
            }
            fields.add(URLDecoder.decode(field.substring(1), StandardCharsets.UTF_8));
        }
        return fields;
    }
}
