package io.flarepath.store.call;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.profile.Labels;
import java.util.Map;

/**
 * One call, as one of its ends saw it: a span of OpenTelemetry.
 *
 * @param resource who saw it: {@code service_name}, {@code pod} and the like
 * @param scope what told of it, {@code flarepath} for our own agent
 * @param name of the span
 * @param role which end saw it
 * @param traceHigh first half of the trace's id
 * @param traceLow second half
 * @param spanId id of the span
 * @param parentId id of the span that it belongs to, 0 for none
 * @param startNanos when it began, nanoseconds since 1970
 * @param durationNanos how long it took
 * @param failed whether it failed, as that end sees it
 * @param message what the end says of that; mostly empty
 * @param words what its attributes say in words of all protocols
 * @param attributes all of them
 */
public record Call(
        Labels resource,
        String scope,
        String name,
        CallRole role,
        long traceHigh,
        long traceLow,
        long spanId,
        long parentId,
        long startNanos,
        long durationNanos,
        boolean failed,
        String message,
        CallWords words,
        Labels attributes) {
    private static final long FIXED_BYTES = 64;

    /** Refuses times that cannot be stored. */
    public Call {
        if (startNanos < 0 || durationNanos < 0) {
            throw new IllegalArgumentException(
                    "a call must not begin before 1970 nor take less than 0 ns: "
                            + startNanos
                            + ", "
                            + durationNanos);
        }
    }

    /** Name of the service that saw it; empty when it has none. */
    public String service() {
        String service = resource.get("service_name");
        return service == null ? "" : service;
    }

    /** The window in which it began. */
    public int window() {
        return ProfileKey.windowOf(startNanos);
    }

    /** Where it stands among others. */
    public CallPlace place() {
        return new CallPlace(startNanos, durationNanos, traceHigh, traceLow, spanId);
    }

    /** About what it takes before it is packed, in bytes. */
    public long bytes() {
        long bytes = FIXED_BYTES + name.length() + message.length();
        return bytes + bytes(attributes) + bytes(resource);
    }

    private static long bytes(Labels labels) {
        long bytes = 0;
        for (Map.Entry<String, String> entry : labels.asMap().entrySet()) {
            bytes += entry.getKey().length() + entry.getValue().length();
        }
        return bytes;
    }
}
