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
    private static final int MARGIN = 8192;

    private final String version;
    private final Random ids = new SecureRandom();
    private final RequestDictionary dictionary = new RequestDictionary();
    private final WireBuffer samples = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();
    private final WireBuffer value = new WireBuffer();
    private final ProfileParts parts = new ProfileParts(dictionary);
    private final ResourceParts ofResource = new ResourceParts();

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
                if (events > 0 && size + mostBytes(stack) > RequestEncoder.LONGEST) {
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
        parts.beginSample(inner, stackIndex, stack.tid(), stack.threadName(), stack.pid());
        value.reset();
        for (long one : stack.values()) {
            value.varint(one);
        }
        inner.message(4, value);
        ProfileParts.times(inner, stack.timesUnixNanos());
        samples.message(2, inner);
    }

    private EncodedRequest finish(TypedProfile profile, long events, Gzip gzip) {
        WireBuffer encoded = new WireBuffer();
        encoded.message(1, parts.valueType(profile.sampleType(), profile.sampleUnit()));
        encoded.append(samples);
        encoded.fixed64(3, profile.startNanos());
        encoded.number(4, profile.durationNanos());
        if (!profile.periodType().isEmpty()) {
            encoded.message(5, parts.valueType(profile.periodType(), profile.periodUnit()));
        }
        encoded.number(6, profile.period());
        encoded.bytes(7, ProfileParts.newId(ids));

        WireBuffer scope = new WireBuffer();
        scope.message(1, ofResource.scope(profile.profiler(), version));
        scope.message(2, encoded);
        WireBuffer resource = new WireBuffer();
        resource.message(1, ofResource.resource(profile.resource()));
        resource.message(2, scope);
        WireBuffer request = new WireBuffer();
        request.message(1, resource);
        WireBuffer tables = new WireBuffer();
        dictionary.appendTo(tables);
        request.message(2, tables);
        byte[] body = gzip.compress(request.array(), request.length());
        samples.reset();
        dictionary.reset();
        return new EncodedRequest(Payload.PROFILES, body, events, request.length());
    }
}
