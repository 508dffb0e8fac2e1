package io.flarepath.api.ingest.otlp;

import com.google.protobuf.ByteString;
import io.flarepath.api.ingest.upload.DecodedCalls;
import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.Rejected;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.call.CallWords;
import io.flarepath.store.profile.Labels;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls in a request (opentelemetry-proto, trace/v1): spans of servers, clients, producers and
 * consumers. What happened within one process is no call: internal spans are counted and left out,
 * and so are events and links. One request, one thread.
 */
final class OtlpSpans {
    private static final int TRACE_BYTES = 16;
    private static final int SPAN_BYTES = 8;

    /** What is kept of one call; more is left out and counted. */
    private static final int MOST_ATTRIBUTES = 64;

    private static final int CALL_MEMORY = 600;
    private static final int ATTRIBUTE_MEMORY = 120;

    private final LabelRules rules;
    private final CallTexts texts;
    private final UploadClock clock;
    private final UploadMemory memory;
    private final boolean json;
    private final OtlpDictionary dictionary =
            new OtlpDictionary(ProfilesDictionary.getDefaultInstance());
    private final List<Call> calls = new ArrayList<>();
    private final Rejected rejected = new Rejected();
    private final Dropped dropped = new Dropped();

    /**
     * Makes a reader of one request.
     *
     * @param json whether ids are texts of hexadecimal digits that were read as base64
     */
    OtlpSpans(
            LabelRules rules,
            CallTexts texts,
            UploadClock clock,
            UploadMemory memory,
            boolean json) {
        this.rules = rules;
        this.texts = texts;
        this.clock = clock;
        this.memory = memory;
        this.json = json;
    }

    DecodedCalls decode(byte[] upload, ExportTraceServiceRequest request) {
        for (ResourceSpans resource : request.getResourceSpansList()) {
            Labels labels;
            try {
                labels = labels(resource.getResource());
            } catch (ApiError e) {
                for (ScopeSpans scope : resource.getScopeSpansList()) {
                    rejected.count(scope.getSpansCount(), String.valueOf(e.getMessage()));
                }
                continue;
            }
            for (ScopeSpans scope : resource.getScopeSpansList()) {
                String name = texts.cut(scope.getScope().getName());
                for (Span span : scope.getSpansList()) {
                    add(labels, name, span);
                }
            }
        }
        return new DecodedCalls(upload, calls, rejected, dropped);
    }

    /** Of labels that break a limit all are left out but the service's name, which is refused. */
    private Labels labels(Resource resource) {
        Map<String, String> all = ResourceLabels.of(resource, dictionary);
        String service = all.getOrDefault("service_name", "");
        rules.check("service_name", service);
        Map<String, String> kept = new HashMap<>(Map.of("service_name", service));
        for (boolean wellKnown : new boolean[] {true, false}) {
            all.forEach((name, value) -> {
                if (ResourceLabels.isOfPlace(name) == wellKnown
                        && !value.isEmpty()
                        && rules.allows(kept.size() + 1)
                        && rules.allows(name, value)) {
                    kept.put(name, value);
                }
            });
        }
        all.values().removeIf(String::isEmpty);
        dropped.count("call-labels", all.size() - kept.size());
        memory.charge((long) ATTRIBUTE_MEMORY * kept.size());
        return Labels.of(kept);
    }

    private void add(Labels resource, String scope, Span span) {
        CallRole role = role(span);
        if (role == null) {
            dropped.count("internal-span", 1);
            return;
        }
        memory.charge(CALL_MEMORY + (long) ATTRIBUTE_MEMORY * span.getAttributesCount());
        try {
            calls.add(call(resource, scope, span, role));
        } catch (ApiError | IllegalArgumentException e) {
            rejected.count(1, LabelRules.shown(span.getName()) + ": " + e.getMessage());
        }
    }

    private static @Nullable CallRole role(Span span) {
        return switch (span.getKind()) {
            case SPAN_KIND_SERVER -> CallRole.SERVER;
            case SPAN_KIND_CLIENT -> CallRole.CLIENT;
            case SPAN_KIND_PRODUCER -> CallRole.PRODUCER;
            case SPAN_KIND_CONSUMER -> CallRole.CONSUMER;
            // Not told is taken for internal, as the protocol has it.
            case SPAN_KIND_INTERNAL, SPAN_KIND_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }

    private Call call(Labels resource, String scope, Span span, CallRole role) {
        long start = span.getStartTimeUnixNano();
        clock.check(start, "a span", "start_time_unix_nano");
        long duration = span.getEndTimeUnixNano() - start;
        if (span.getEndTimeUnixNano() <= 0 || duration < 0) {
            throw ApiError.invalid("a span must not end before it starts (end_time_unix_nano)");
        }
        ByteBuffer trace = id(span.getTraceId(), TRACE_BYTES, "trace_id");
        long traceHigh = trace.getLong();
        long traceLow = trace.getLong();
        long spanId = id(span.getSpanId(), SPAN_BYTES, "span_id").getLong();
        long parent =
                span.getParentSpanId().isEmpty()
                        ? 0
                        : id(span.getParentSpanId(), SPAN_BYTES, "parent_span_id").getLong();
        if ((traceHigh | traceLow) == 0 || spanId == 0) {
            throw ApiError.invalid("a span's trace_id and span_id must not be zero");
        }
        Labels attributes = attributes(span);
        return new Call(
                resource,
                scope,
                texts.cut(span.getName()),
                role,
                traceHigh,
                traceLow,
                spanId,
                parent,
                start,
                duration,
                span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR
                        || attributes.get("error.type") != null,
                texts.cut(span.getStatus().getMessage()),
                CallWords.of(role, attributes),
                attributes);
    }

    private ByteBuffer id(ByteString id, int bytes, String what) {
        byte[] raw = id.toByteArray();
        if (json) {
            // OTLP's JSON has ids in hexadecimal digits, which were read as base64 like other
            // bytes.
            String digits = Base64.getEncoder().encodeToString(raw);
            try {
                raw = HexFormat.of().parseHex(digits);
            } catch (IllegalArgumentException e) {
                throw ApiError.invalid(what + " must be hexadecimal digits in JSON");
            }
        }
        if (raw.length != bytes) {
            throw ApiError.invalid(what + " must have " + bytes + " bytes, not " + raw.length);
        }
        return ByteBuffer.wrap(raw);
    }

    private Labels attributes(Span span) {
        Map<String, String> kept = new HashMap<>();
        for (KeyValue attribute : span.getAttributesList()) {
            String name = dictionary.key(attribute);
            String value = dictionary.text(attribute.getValue());
            if (value.isEmpty()) {
                continue;
            }
            if (kept.size() >= MOST_ATTRIBUTES || !texts.allowsName(name)) {
                dropped.count("call-attributes", 1);
                continue;
            }
            String cut = texts.cut(value);
            dropped.count("call-attributes-cut", cut.length() < value.length() ? 1 : 0);
            kept.putIfAbsent(name, cut);
        }
        return Labels.of(kept);
    }
}
