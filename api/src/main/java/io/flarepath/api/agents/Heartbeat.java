package io.flarepath.api.agents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an agent says of itself.
 *
 * @param version its version
 * @param state starting, sampling, degraded or stopping
 * @param reason why it is degraded, or empty
 * @param frequencyHz samples a second and CPU
 * @param startedMillis when it started, by its own clock
 * @param clockMillis its clock when it sent this
 * @param kernel release of its kernel
 * @param revision the orders that it follows
 * @param waitSeconds how long the answer may be held back
 * @param counters whatever it counts
 * @param recordings what became of the recordings that it was asked for
 * @param records whether it makes recordings when it is asked for them
 * @param jvms the JVMs that it samples
 */
record Heartbeat(
        String version,
        String state,
        String reason,
        double frequencyHz,
        long startedMillis,
        long clockMillis,
        String kernel,
        long revision,
        int waitSeconds,
        Map<String, Number> counters,
        List<Report> recordings,
        boolean records,
        List<Jvm> jvms) {

    /**
     * A JVM that the agent samples.
     *
     * @param pid as the node numbers it
     * @param service its service
     * @param namespace its Kubernetes namespace, or empty
     * @param pod its pod, or empty
     * @param version of Java, as far as it is known
     * @param state starting, trusted, refused
     * @param reason why its Java frames are not understood, or empty
     */
    record Jvm(
            int pid,
            String service,
            String namespace,
            String pod,
            String version,
            String state,
            String reason) {}

    /**
     * What an agent says of a recording.
     *
     * @param name of the recording
     * @param state recording, done or failed
     * @param message why it failed, or empty
     */
    record Report(String name, String state, String message) {}

    private static final Set<String> RECORDING_STATES = Set.of("recording", "done", "failed");
    private static final int MAX_RECORDINGS = 64;
    private static final Set<String> JVM_STATES = Set.of("starting", "trusted", "refused");
    private static final int MAX_JVMS = 64;
    private static final Set<String> STATES =
            Set.of("starting", "sampling", "degraded", "stopping");
    private static final Set<String> FIELDS =
            Set.of(
                    "version",
                    "state",
                    "reason",
                    "frequencyHz",
                    "startedMillis",
                    "clockMillis",
                    "kernel",
                    "revision",
                    "waitSeconds",
                    "counters",
                    "recordings",
                    "records",
                    "jvms");
    private static final int MAX_WAIT_SECONDS = 30;
    private static final int MAX_COUNTERS = 256;
    private static final int MAX_TEXT = 1_024;
    private static final ObjectMapper JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .streamReadConstraints(
                                    StreamReadConstraints.builder().maxNestingDepth(8).build())
                            .build());

    /** Reads and checks a body; errors are 400 and name the field. */
    static Heartbeat parse(byte[] body) {
        JsonNode message;
        try {
            message = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw ApiError.invalid("the heartbeat is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw ApiError.invalid("the heartbeat is no JSON: " + e.getMessage());
        }
        if (!(message instanceof ObjectNode object)) {
            throw ApiError.invalid("the heartbeat must be one JSON object");
        }
        object.fieldNames()
                .forEachRemaining(field -> {
                    if (!FIELDS.contains(field)) {
                        throw ApiError.invalid(
                                "the heartbeat has no field \"" + shown(field) + "\"");
                    }
                });
        return new Heartbeat(
                text(object, "version"),
                state(object),
                text(object, "reason"),
                frequency(object),
                whole(object, "startedMillis"),
                whole(object, "clockMillis"),
                text(object, "kernel"),
                whole(object, "revision"),
                (int) Math.min(whole(object, "waitSeconds"), MAX_WAIT_SECONDS),
                counters(object),
                reports(object),
                records(object),
                jvms(object));
    }

    private static boolean records(ObjectNode object) {
        JsonNode value = object.path("records");
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw ApiError.invalid("records must be true or false");
        }
        return value.booleanValue();
    }

    private static List<Jvm> jvms(ObjectNode object) {
        JsonNode value = object.path("jvms");
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MAX_JVMS) {
            throw ApiError.invalid("jvms must be a list of at most " + MAX_JVMS + " objects");
        }
        List<Jvm> jvms = new ArrayList<>();
        for (JsonNode one : value) {
            if (!(one instanceof ObjectNode jvm)) {
                throw ApiError.invalid("jvms must be a list of objects");
            }
            long pid = whole(jvm, "pid");
            String state = text(jvm, "state");
            if (pid < 1 || pid > Integer.MAX_VALUE || !JVM_STATES.contains(state)) {
                throw ApiError.invalid(
                        "a JVM has a pid, and the state starting, trusted or refused");
            }
            jvms.add(
                    new Jvm(
                            (int) pid,
                            text(jvm, "service"),
                            text(jvm, "namespace"),
                            text(jvm, "pod"),
                            text(jvm, "version"),
                            state,
                            text(jvm, "reason")));
        }
        return List.copyOf(jvms);
    }

    private static String state(ObjectNode object) {
        String state = text(object, "state");
        if (!STATES.contains(state)) {
            throw ApiError.invalid(
                    "state must be starting, sampling, degraded or stopping, not \""
                            + shown(state)
                            + "\"");
        }
        return state;
    }

    private static String text(ObjectNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual() || value.textValue().length() > MAX_TEXT) {
            throw ApiError.invalid(
                    field + " must be a text of at most " + MAX_TEXT + " characters");
        }
        return value.textValue();
    }

    private static double frequency(ObjectNode object) {
        JsonNode value = object.path("frequencyHz");
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() <= 1e9)) {
            throw ApiError.invalid("frequencyHz must be a number of at least 0");
        }
        return value.doubleValue();
    }

    private static long whole(ObjectNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return 0;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw ApiError.invalid(field + " must be a whole number of at least 0");
        }
        return value.longValue();
    }

    private static Map<String, Number> counters(ObjectNode object) {
        JsonNode value = object.path("counters");
        if (value.isMissingNode() || value.isNull()) {
            return Map.of();
        }
        if (!(value instanceof ObjectNode named) || named.size() > MAX_COUNTERS) {
            throw ApiError.invalid(
                    "counters must be an object of at most " + MAX_COUNTERS + " numbers");
        }
        Map<String, Number> counters = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : named.properties()) {
            JsonNode number = entry.getValue();
            boolean finite = number.isNumber() && Double.isFinite(number.doubleValue());
            if (!finite || entry.getKey().length() > MAX_TEXT) {
                throw ApiError.invalid(
                        "counters." + shown(entry.getKey()) + " must be a finite number");
            }
            counters.put(
                    entry.getKey(),
                    number.isIntegralNumber() && number.canConvertToLong()
                            ? (Number) number.longValue()
                            : (Number) number.doubleValue());
        }
        return Collections.unmodifiableMap(counters);
    }

    private static List<Report> reports(ObjectNode object) {
        JsonNode value = object.path("recordings");
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MAX_RECORDINGS) {
            throw ApiError.invalid(
                    "recordings must be a list of at most " + MAX_RECORDINGS + " objects");
        }
        List<Report> reports = new ArrayList<>();
        for (JsonNode one : value) {
            if (!(one instanceof ObjectNode report)) {
                throw ApiError.invalid("recordings must be a list of objects");
            }
            String state = text(report, "state");
            if (!RECORDING_STATES.contains(state)) {
                throw ApiError.invalid("a recording's state must be recording, done or failed");
            }
            reports.add(new Report(text(report, "name"), state, text(report, "message")));
        }
        return List.copyOf(reports);
    }

    private static String shown(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
