package io.flarepath.agent.contact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.agent.jvm.SeenJvm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What the agent says of itself.
 *
 * @param agent what does not change while it runs
 * @param state what it does
 * @param reason why it is degraded, or empty
 * @param clockMillis its clock, milliseconds since 1970
 * @param revision the last revision that it got, or 0
 * @param waitSeconds how long the server may hold the answer back
 * @param counters its counters
 * @param recordings what became of recordings
 * @param records whether recordings are made when they are asked for
 * @param jvms that are sampled; the first {@value #MOST_JVMS} are told
 */
record Heartbeat(
        AgentIdentity agent,
        AgentState state,
        String reason,
        long clockMillis,
        long revision,
        int waitSeconds,
        Map<String, Long> counters,
        List<RecordingReport> recordings,
        boolean records,
        List<SeenJvm> jvms) {

    /** The server takes a heartbeat of 64 KiB. */
    private static final int MOST_JVMS = 64;

    private static final int LONGEST_TEXT = 128;
    private static final JsonFactory JSON = new JsonFactory();

    byte[] toJson() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("version", agent.version());
            json.writeStringField("state", state.json());
            json.writeStringField("reason", reason);
            json.writeNumberField("frequencyHz", agent.frequencyHz());
            json.writeNumberField("startedMillis", agent.startedMillis());
            json.writeNumberField("clockMillis", clockMillis);
            json.writeStringField("kernel", agent.kernel());
            json.writeNumberField("revision", revision);
            json.writeNumberField("waitSeconds", waitSeconds);
            json.writeObjectFieldStart("counters");
            for (var counter : counters.entrySet()) {
                json.writeNumberField(counter.getKey(), counter.getValue());
            }
            json.writeEndObject();
            if (!recordings.isEmpty()) {
                json.writeArrayFieldStart("recordings");
                for (RecordingReport recording : recordings) {
                    json.writeStartObject();
                    json.writeStringField("name", recording.name());
                    json.writeStringField("state", recording.state());
                    json.writeStringField("message", recording.message());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeBooleanField("records", records);
            json.writeArrayFieldStart("jvms");
            for (SeenJvm jvm : jvms.stream().limit(MOST_JVMS).toList()) {
                write(json, jvm);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, SeenJvm jvm) throws IOException {
        json.writeStartObject();
        json.writeNumberField("pid", jvm.pid());
        json.writeStringField("service", shown(jvm.service()));
        json.writeStringField("namespace", shown(jvm.namespace()));
        json.writeStringField("pod", shown(jvm.pod()));
        json.writeStringField("version", shown(jvm.version()));
        json.writeStringField("state", jvm.state());
        json.writeStringField("reason", shown(jvm.reason()));
        json.writeEndObject();
    }

    private static String shown(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }
}
