package io.flarepath.agent.export;

import io.flarepath.symbolizer.Frame;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Encodes profiles of any type as {@code ExportProfilesServiceRequest} of OTLP's {@code
 * v1development}, one request a profile, or several where it is too long for one. A sample is one
 * stack of one thread with a value and a time for each event.
 */
public final class TypedEncoder {
    private static final int LONGEST = 8 << 20;
    private static final int MARGIN = 8192;

    private final String version;
    private final Random ids = new SecureRandom();
    private final RequestDictionary dictionary = new RequestDictionary();
    private final WireBuffer samples = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();
    private final WireBuffer value = new WireBuffer();

    /**
     * An encoder.
     *
     * @param version of the agent
     */
    public TypedEncoder(String version) {
        this.version = version;
    }

    /** The requests of a profile, compressed by gzip. */
    List<EncodedRequest> encode(TypedProfile profile) {
        List<EncodedRequest> requests = new ArrayList<>();
        long events = 0;
        try (Gzip gzip = new Gzip(1)) {
            for (TypedProfile.TypedStack stack : profile.stacks()) {
                int size = samples.length() + dictionary.size() + MARGIN;
                if (events > 0 && size + mostBytes(stack) > LONGEST) {
                    requests.add(finish(profile, events, gzip));
                    events = 0;
                }
                sample(stack);
                events += stack.values().length;
            }
            if (events > 0) {
                requests.add(finish(profile, events, gzip));
            }
        }
        return requests;
    }

    private static long mostBytes(TypedProfile.TypedStack stack) {
        long sum = 200 + 20L * stack.values().length + 6L * stack.threadName().length();
        for (Frame frame : stack.frames()) {
            sum += 160 + 3L * (frame.function().length() + frame.mapping().length());
        }
        return sum;
    }

    private void sample(TypedProfile.TypedStack stack) {
        int stackIndex = dictionary.stack(stack.frames());
        int thread = dictionary.attribute("thread.id", stack.tid());
        int threadName = dictionary.attribute("thread.name", stack.threadName());
        int process = dictionary.attribute("process.pid", (long) stack.pid());
        inner.reset();
        inner.number(1, stackIndex);
        value.reset();
        value.varint(thread);
        value.varint(threadName);
        value.varint(process);
        inner.message(2, value);
        value.reset();
        for (long one : stack.values()) {
            value.varint(one);
        }
        inner.message(4, value);
        inner.header(5, 8 * stack.timesUnixNanos().length);
        for (long time : stack.timesUnixNanos()) {
            inner.rawFixed64(time);
        }
        samples.message(2, inner);
    }

    private EncodedRequest finish(TypedProfile profile, long events, Gzip gzip) {
        WireBuffer encoded = new WireBuffer();
        encoded.message(1, valueType(profile.sampleType(), profile.sampleUnit()));
        encoded.append(samples);
        encoded.fixed64(3, profile.startNanos());
        encoded.number(4, profile.durationNanos());
        if (!profile.periodType().isEmpty()) {
            encoded.message(5, valueType(profile.periodType(), profile.periodUnit()));
        }
        encoded.number(6, profile.period());
        byte[] id = new byte[16];
        ids.nextBytes(id);
        id[0] |= 1;
        encoded.bytes(7, id);

        WireBuffer scope = new WireBuffer();
        inner.reset();
        inner.string(1, profile.profiler());
        inner.string(2, version);
        scope.message(1, inner);
        scope.message(2, encoded);
        WireBuffer resource = new WireBuffer();
        resource.message(1, resource(profile));
        resource.message(2, scope);
        WireBuffer request = new WireBuffer();
        request.message(1, resource);
        WireBuffer tables = new WireBuffer();
        dictionary.appendTo(tables);
        request.message(2, tables);
        byte[] body = gzip.compress(request.array(), request.length());
        samples.reset();
        dictionary.reset();
        return new EncodedRequest(body, events, request.length());
    }

    private WireBuffer valueType(String type, String unit) {
        int typeIndex = dictionary.string(type);
        int unitIndex = dictionary.string(unit);
        inner.reset();
        inner.number(1, typeIndex);
        inner.number(2, unitIndex);
        return inner;
    }

    private WireBuffer resource(TypedProfile profile) {
        WireBuffer attributes = new WireBuffer();
        WireBuffer attribute = new WireBuffer();
        profile.resource()
                .forEach((key, text) -> {
                    value.reset();
                    value.bytes(1, RequestDictionary.shortened(text));
                    attribute.reset();
                    attribute.string(1, key);
                    attribute.message(2, value);
                    attributes.message(1, attribute);
                });
        return attributes;
    }
}
