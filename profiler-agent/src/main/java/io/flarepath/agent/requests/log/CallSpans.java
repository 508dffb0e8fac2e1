package io.flarepath.agent.requests.log;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.TraceIds;
import io.flarepath.agent.requests.named.CallAttributes;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.route.MaskedPath;
import io.flarepath.agent.requests.route.Routes;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.spans.CallSpan;
import io.flarepath.agent.spans.ResourceSpans;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes spans of kept calls, by the names of OpenTelemetry's semantic conventions (HTTP, RPC,
 * database and messaging spans). Names of few values are those of the metrics; what those have no
 * room for, such as the table of a statement, is told here as it was. Not for several threads.
 */
public final class CallSpans {
    private static final double NANOS = 1e-9;

    /** A name or address of RFC 3986, section 3.2.2, and a port, without a user before them. */
    private static final int LONGEST_HOST = 253;

    private final SplittableRandom random = new SplittableRandom();
    private final LongUnaryOperator unixTime;

    /**
     * Makes none yet.
     *
     * @param unixTime gives nanoseconds since 1970 for those of the monotonic clock
     */
    public CallSpans(LongUnaryOperator unixTime) {
        this.unixTime = unixTime;
    }

    /**
     * The spans of calls, in their order.
     *
     * @param resourceOf resource attributes of a process, or null where it is not to be told of
     */
    public List<ResourceSpans> of(
            List<KeptCall> calls, IntFunction<@Nullable SortedMap<String, String>> resourceOf) {
        Map<SortedMap<String, String>, List<CallSpan>> spans = new LinkedHashMap<>();
        for (KeptCall call : calls) {
            int pid = call.named().call().connection().pid();
            SortedMap<String, String> resource = resourceOf.apply(pid);
            if (resource != null) {
                spans.computeIfAbsent(resource, r -> new ArrayList<>()).add(span(call));
            }
        }
        List<ResourceSpans> all = new ArrayList<>(spans.size());
        spans.forEach((resource, one) -> all.add(new ResourceSpans(resource, one)));
        return all;
    }

    private CallSpan span(KeptCall kept) {
        NamedCall named = kept.named();
        Call call = named.call();
        Exchange exchange = call.exchange();
        TraceIds ids = exchange.trace();
        String trace = TraceKey.of(ids.traceId());
        long start = exchange.requestStart();
        long end = Math.max(exchange.requestEnd(), exchange.responseEnd());
        long startNanos = unixTime.applyAsLong(start);
        SortedMap<String, String> texts = texts(kept);
        return new CallSpan(
                trace.isEmpty() ? randomId() + randomId() : trace,
                randomId(),
                trace.isEmpty() ? "" : ids.spanId(),
                name(named),
                call.role() == Role.SERVER,
                startNanos,
                startNanos + Math.max(0, end - start),
                texts,
                headers(call),
                numbers(call),
                seconds(exchange),
                texts.containsKey("error.type"));
    }

    private String randomId() {
        long id = random.nextLong();
        // All zeros are no id (W3C Trace Context, sections 3.2.2.3 and 3.2.2.4).
        return String.format(Locale.ROOT, "%016x", id == 0 ? 1 : id);
    }

    private static String name(NamedCall named) {
        Exchange exchange = named.call().exchange();
        String operation = exchange.operation();
        return switch (exchange.protocol()) {
            case HTTP1, HTTP2 -> {
                String method = named.operation();
                String verb = method.isEmpty() || method.startsWith("_") ? "HTTP" : method;
                boolean other = named.route().equals(Routes.OTHER);
                yield joined(verb, other ? "" : named.route());
            }
            case GRPC -> joined(exchange.target(), "");
            case MYSQL, POSTGRESQL, REDIS ->
                    joined(
                            operation.isEmpty() ? exchange.protocol().system() : operation,
                            exchange.target());
            case KAFKA -> joined(operation.toLowerCase(Locale.ROOT), exchange.target());
            case DNS -> joined("DNS", operation);
        };
    }

    private static String joined(String first, String second) {
        String both = (first + ' ' + second).strip();
        return both.isEmpty() ? "unknown" : both;
    }

    private static SortedMap<String, String> texts(KeptCall kept) {
        NamedCall named = kept.named();
        Call call = named.call();
        Exchange exchange = call.exchange();
        boolean http = isHttp(exchange.protocol());
        SortedMap<String, String> texts =
                CallAttributes.of(
                        new NamedCall(
                                call,
                                http ? named.route() : exchange.target(),
                                http ? named.operation() : exchange.operation(),
                                call.connection().peerAddress()));
        texts.put("flarepath.call.kept", kept.reason().label());
        put(texts, "flarepath.request.kind", CallAttributes.kind(exchange));
        put(texts, "network.peer.address", call.connection().peerAddress());
        put(texts, "thread.name", kept.thread());
        String trace = exchange.trace().traceId();
        if (!TraceKey.isNumber(trace)) {
            put(texts, "flarepath.trace.id", trace);
        }
        if (http) {
            web(texts, exchange, named.operation());
        }
        boolean hasHost = http || exchange.protocol() == Protocol.GRPC;
        if (!hasHost) {
            put(texts, "db.query.text", exchange.detail());
        } else if (call.role() == Role.SERVER) {
            put(texts, "server.address", host(exchange.detail()));
        }
        return texts;
    }

    private static void web(SortedMap<String, String> texts, Exchange exchange, String method) {
        String path = MaskedPath.withoutQuery(exchange.target());
        put(texts, "url.path", path);
        if (path.length() < exchange.target().length()) {
            put(texts, "url.query", exchange.target().substring(path.length() + 1));
        }
        if (!method.equals(exchange.operation())) {
            put(texts, "http.request.method_original", exchange.operation());
        }
    }

    /** The host without its port, or empty where the header holds anything else. */
    private static String host(String header) {
        int port = header.lastIndexOf(':');
        boolean v6 = header.startsWith("[") && header.indexOf(']') > 0;
        String host =
                v6
                        ? header.substring(1, header.indexOf(']'))
                        : port < 0 ? header : header.substring(0, port);
        boolean plain =
                host.length() <= LONGEST_HOST
                        && host.chars()
                                .allMatch(c ->
                                        (c >= 'a' && c <= 'z')
                                                || (c >= 'A' && c <= 'Z')
                                                || (c >= '0' && c <= '9')
                                                || "-._:".indexOf(c) >= 0);
        return plain ? host : "";
    }

    private static SortedMap<String, String> headers(Call call) {
        Exchange exchange = call.exchange();
        SortedMap<String, String> headers = new TreeMap<>();
        put(headers, "http.request.header.x-request-id", exchange.trace().requestId());
        if (call.role() == Role.CLIENT && isHttp(exchange.protocol())) {
            // The server's address is that of the metrics, by which both are found.
            put(headers, "http.request.header.host", host(exchange.detail()));
        }
        return headers;
    }

    private static SortedMap<String, Long> numbers(Call call) {
        Exchange exchange = call.exchange();
        SortedMap<String, Long> numbers = new TreeMap<>();
        numbers.put("network.peer.port", (long) call.connection().peerPort());
        numbers.put("flarepath.request.size", exchange.requestBytes());
        numbers.put("flarepath.response.size", exchange.responseBytes());
        if (exchange.requestThread() != 0) {
            numbers.put("thread.id", (long) exchange.requestThread());
        }
        return numbers;
    }

    private static SortedMap<String, Double> seconds(Exchange exchange) {
        SortedMap<String, Double> seconds = new TreeMap<>();
        if (exchange.responseStart() > 0) {
            seconds.put(
                    "flarepath.request.time_to_first_byte",
                    (exchange.responseStart() - exchange.requestStart()) * NANOS);
        }
        return seconds;
    }

    private static boolean isHttp(Protocol protocol) {
        return protocol == Protocol.HTTP1 || protocol == Protocol.HTTP2;
    }

    private static void put(SortedMap<String, String> texts, String name, String value) {
        if (!value.isEmpty()) {
            texts.put(name, value);
        }
    }
}
