package io.flarepath.agent.export;

import io.flarepath.agent.spans.CallSpan;
import io.flarepath.agent.spans.ResourceSpans;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Encodes spans of calls as {@code ExportTraceServiceRequest}s. Source of the format: trace.proto
 * of opentelemetry-proto 1.x. Not for several threads.
 */
final class SpanEncoder {
    private static final int SERVER = 2;
    private static final int CLIENT = 3;
    private static final int ERROR = 2;

    private final String version;
    private final int longest;
    private final ResourceParts parts = new ResourceParts();
    private final WireBuffer request = new WireBuffer();
    private final WireBuffer spans = new WireBuffer();
    private final WireBuffer span = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();
    private final List<EncodedRequest> done = new ArrayList<>();
    private long spansOfRequest;

    /**
     * @param version of this agent, that of the scope
     * @param longest most bytes of a request before it is compressed; a single span may be more
     */
    SpanEncoder(String version, int longest) {
        this.version = version;
        this.longest = longest;
    }

    /**
     * The requests of these spans: none if there are none, several if they are too long for one.
     */
    List<EncodedRequest> encode(List<ResourceSpans> all) {
        for (ResourceSpans resource : all) {
            for (CallSpan next : resource.spans()) {
                if ((long) request.length() + spans.length() > longest) {
                    finishResource(resource);
                    finishRequest();
                }
                span(next);
            }
            finishResource(resource);
        }
        finishRequest();
        List<EncodedRequest> encoded = List.copyOf(done);
        done.clear();
        return encoded;
    }

    private void span(CallSpan of) {
        span.reset();
        span.bytes(1, HexFormat.of().parseHex(of.traceId()));
        span.bytes(2, HexFormat.of().parseHex(of.spanId()));
        if (!of.parentId().isEmpty()) {
            span.bytes(4, HexFormat.of().parseHex(of.parentId()));
        }
        span.string(5, of.name());
        span.number(6, of.server() ? SERVER : CLIENT);
        span.fixed64(7, of.startNanos());
        span.fixed64(8, of.endNanos());
        of.texts().forEach((name, value) -> parts.attribute(span, 9, name, value));
        of.headers().forEach((name, value) -> parts.list(span, 9, name, value));
        of.numbers().forEach((name, value) -> parts.number(span, 9, name, value));
        of.seconds().forEach((name, value) -> parts.real(span, 9, name, value));
        if (of.failed()) {
            inner.reset();
            inner.number(3, ERROR);
            span.message(15, inner);
        }
        spans.message(2, span);
        spansOfRequest++;
    }

    private void finishResource(ResourceSpans resource) {
        if (spans.length() > 0) {
            parts.scoped(request, resource.resource(), version, spans);
            spans.reset();
        }
    }

    private void finishRequest() {
        if (spansOfRequest > 0) {
            done.add(EncodedRequest.of(Payload.SPANS, request, spansOfRequest));
        }
        request.reset();
        spansOfRequest = 0;
    }
}
