package io.flarepath.agent.contact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
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
 */
record Heartbeat(
        AgentIdentity agent,
        AgentState state,
        String reason,
        long clockMillis,
        long revision,
        int waitSeconds,
        Map<String, Long> counters,
        List<RecordingReport> recordings) {

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
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
