package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.time.Instants;
import io.flarepath.store.CallStore;
import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallQuery;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Answers /api/v1/calls: single calls, with all that is known of them. */
record CallsAnswer(CallStore store, CallsRequest request) implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        CallQuery query = request.query();
        List<Call> found = store.read(query);
        boolean more = found.size() == query.limit();
        List<Call> shown = more ? found.subList(0, found.size() - 1) : found;
        json.writeStartObject();
        json.writeArrayFieldStart("calls");
        for (Call call : shown) {
            write(json, call);
        }
        json.writeEndArray();
        if (more) {
            json.writeStringField("next", CallsRequest.cursor(shown.getLast().place()));
        } else {
            json.writeNullField("next");
        }
        boolean none = shown.isEmpty() && query.after() == null;
        Fields.empty(json, none ? absence(query) : null);
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Call call) throws IOException {
        HexFormat hex = HexFormat.of();
        json.writeStartObject();
        json.writeNumberField("startMicros", call.startNanos() / 1_000);
        json.writeNumberField("durationNanos", call.durationNanos());
        json.writeStringField("service", call.service());
        Fields.labels(json, call.resource());
        json.writeStringField("role", CallsRequest.word(call.role()));
        json.writeStringField("protocol", call.words().protocol());
        json.writeStringField("method", call.words().method());
        json.writeStringField("route", call.words().route());
        json.writeStringField("status", call.words().status());
        json.writeStringField("peer", call.words().peer());
        json.writeBooleanField("failed", call.failed());
        json.writeStringField("message", call.message());
        json.writeStringField("name", call.name());
        json.writeStringField("scope", call.scope());
        json.writeStringField(
                "traceId", hex.toHexDigits(call.traceHigh()) + hex.toHexDigits(call.traceLow()));
        json.writeStringField("spanId", hex.toHexDigits(call.spanId()));
        if (call.parentId() == 0) {
            json.writeNullField("parentSpanId");
        } else {
            json.writeStringField("parentSpanId", hex.toHexDigits(call.parentId()));
        }
        json.writeObjectFieldStart("attributes");
        for (Map.Entry<String, String> attribute : call.attributes().asMap().entrySet()) {
            json.writeStringField(attribute.getKey(), attribute.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Finds out, from the widest reason to the narrowest. */
    private Absence absence(CallQuery query) {
        if (!store.isAny(query.tenant(), null, Instants.ALWAYS)) {
            return new Absence(
                    "no-calls-known",
                    "no calls are stored: neither an agent that sees requests nor an OpenTelemetry"
                            + " client has sent any, or they were older than calls are kept"
                            + " (retention.calls)");
        }
        if (!store.isAny(query.tenant(), null, query.range())) {
            return new Absence(
                    "no-calls-in-range",
                    "there are calls, but none in this range: they may be older than calls are"
                            + " kept (retention.calls, calls.size)");
        }
        if (request.service() != null
                && !store.isAny(query.tenant(), request.service(), query.range())) {
            return new Absence(
                    "no-calls-of-service", "this service has no calls in this range, others have");
        }
        return new Absence(
                "no-calls-fulfil", "there are calls in this range, but none is what was asked for");
    }
}
