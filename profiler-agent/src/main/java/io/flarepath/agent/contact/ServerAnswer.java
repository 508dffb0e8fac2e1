package io.flarepath.agent.contact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the server says to a heartbeat.
 *
 * @param revision number of this state of configuration and recordings
 * @param serverClockMillis its clock, milliseconds since 1970; 0 if it does not say
 * @param configuration settings for this agent, values as text
 * @param recordings what it asks to record
 */
record ServerAnswer(
        long revision,
        long serverClockMillis,
        Map<String, String> configuration,
        List<RecordingOrder> recordings) {

    /** Longest answer in bytes. */
    static final int LONGEST = 1 << 20;

    private static final int MOST_ITEMS = 1000;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(20)
                                    .maxStringLength(64 << 10)
                                    .maxDocumentLength(LONGEST)
                                    .build())
                    .build();

    /**
     * Parses an answer. Members that are not known are passed over: a newer server may say more.
     *
     * @throws IOException if it is not such an answer
     */
    static ServerAnswer parse(byte[] body) throws IOException {
        long revision = -1;
        long clock = 0;
        Map<String, String> configuration = new LinkedHashMap<>();
        List<RecordingOrder> recordings = new ArrayList<>();
        try (JsonParser json = JSON.createParser(body)) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                switch (name) {
                    case "revision" -> revision = number(json, name);
                    case "serverClockMillis" -> clock = number(json, name);
                    case "configuration" -> readConfiguration(json, configuration);
                    case "recordings" -> readRecordings(json, recordings);
                    default -> json.skipChildren();
                }
            }
            expect(json, json.currentToken(), JsonToken.END_OBJECT, "the end of the object");
            if (json.nextToken() != null) {
                throw new IOException("the server's answer goes on after its end");
            }
        }
        if (revision < 0) {
            throw new IOException("the server's answer has no revision of 0 or more");
        }
        return new ServerAnswer(revision, clock, configuration, recordings);
    }

    private static void readConfiguration(JsonParser json, Map<String, String> into)
            throws IOException {
        expect(json, json.currentToken(), JsonToken.START_OBJECT, "an object as configuration");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (value == null || !value.isScalarValue() || into.size() >= MOST_ITEMS) {
                throw new IOException(
                        "the server's configuration must be at most %d texts, numbers or booleans"
                                .formatted(MOST_ITEMS));
            }
            into.put(key, json.getText());
        }
    }

    /** A recording is its name, or an object with a member "name". */
    private static void readRecordings(JsonParser json, List<RecordingOrder> into)
            throws IOException {
        expect(json, json.currentToken(), JsonToken.START_ARRAY, "a list as recordings");
        JsonToken token = json.nextToken();
        while (token != null && token != JsonToken.END_ARRAY) {
            if (into.size() >= MOST_ITEMS) {
                throw new IOException(
                        "the server asks for more than " + MOST_ITEMS + " recordings");
            }
            into.add(
                    token == JsonToken.START_OBJECT
                            ? orderOf(json)
                            : new RecordingOrder(json.getText(), 0, 0, List.of()));
            if (token == JsonToken.START_ARRAY) {
                throw new IOException("a recording must be a name or an object");
            }
            token = json.nextToken();
        }
    }

    private static RecordingOrder orderOf(JsonParser json) throws IOException {
        String name = "unnamed";
        int pid = 0;
        int seconds = 0;
        List<String> kinds = new ArrayList<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            boolean whole = value == JsonToken.VALUE_NUMBER_INT;
            if (field.equals("name") && value != null && value.isScalarValue()) {
                name = json.getText();
            } else if (field.equals("pid") && whole) {
                pid = Math.clamp(json.getLongValue(), 0, Integer.MAX_VALUE);
            } else if (field.equals("seconds") && whole) {
                seconds = Math.clamp(json.getLongValue(), 0, Integer.MAX_VALUE);
            } else if (field.equals("kinds") && value == JsonToken.START_ARRAY) {
                readKinds(json, kinds);
            } else {
                json.skipChildren();
            }
        }
        return new RecordingOrder(name, pid, seconds, List.copyOf(kinds));
    }

    private static void readKinds(JsonParser json, List<String> into) throws IOException {
        JsonToken token = json.nextToken();
        while (token != null && token != JsonToken.END_ARRAY) {
            if (!token.isScalarValue() || into.size() >= MOST_ITEMS) {
                throw new IOException("the kinds of a recording must be texts");
            }
            into.add(json.getText());
            token = json.nextToken();
        }
    }

    private static long number(JsonParser json, String name) throws IOException {
        expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, "a whole number as " + name);
        return json.getLongValue();
    }

    private static void expect(JsonParser json, JsonToken given, JsonToken wanted, String words)
            throws IOException {
        if (given != wanted) {
            throw new IOException(
                    "the server's answer must have %s at byte %d"
                            .formatted(words, json.currentLocation().getByteOffset()));
        }
    }
}
