package io.flarepath.agent.export;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.symbolizer.Frame;
import java.security.SecureRandom;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Encodes windows as {@code ExportProfilesServiceRequest} of OTLP's {@code v1development}, one
 * {@code ResourceProfiles} with one {@code Profile} a resource. A sample is one folded stack in the
 * form "timestamps only": a value of 1 for each. A window that is too big for one request becomes
 * several, whose profiles have ids of their own. Not for several threads.
 */
final class RequestEncoder implements AutoCloseable {
    /** Longest request in bytes, before it is compressed. */
    static final int LONGEST = 8 << 20;

    /** For the fields around the tables and the profiles of a request. */
    private static final int MARGIN = 4096;

    private final String version;
    private final Random ids;
    private final Gzip gzip;
    private final int longest;
    private final RequestDictionary dictionary = new RequestDictionary();
    private final WireBuffer resources = new WireBuffer();
    private final WireBuffer samples = new WireBuffer();
    private final WireBuffer request = new WireBuffer();
    private final WireBuffer outer = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();
    private final ProfileParts parts = new ProfileParts(dictionary);
    private final ResourceParts ofResource = new ResourceParts();
    private long profileSamples;
    private long requestSamples;

    RequestEncoder(String version, int gzipLevel) {
        this(version, gzipLevel, new SecureRandom(), LONGEST);
    }

    RequestEncoder(String version, int gzipLevel, Random ids, int longest) {
        this.version = version;
        this.ids = ids;
        this.longest = longest;
        gzip = new Gzip(gzipLevel);
    }

    /** Encodes one window and hands over its requests in order. */
    void encode(List<WindowProfile> profiles, Consumer<EncodedRequest> sink) {
        for (WindowProfile profile : profiles) {
            encode(profile, sink);
        }
        finishRequest(sink);
    }

    private void encode(WindowProfile profile, Consumer<EncodedRequest> sink) {
        int resourceSize = resourceSize(profile);
        for (FoldedStack stack : profile.stacks()) {
            if (stack.timesUnixNanos().length == 0) {
                continue;
            }
            int size = resources.length() + samples.length() + dictionary.size() + resourceSize;
            boolean any = requestSamples + profileSamples > 0;
            if (any && size + MARGIN + mostBytes(stack) > longest) {
                finishProfile(profile);
                finishRequest(sink);
            }
            sample(stack);
        }
        finishProfile(profile);
    }

    private static int resourceSize(WindowProfile profile) {
        int size = 0;
        for (var attribute : profile.resource().entrySet()) {
            size += 3 * attribute.getKey().length() + 20;
            size += most(attribute.getValue());
        }
        return size;
    }

    /** What a stack can add at most, if none of it is in the tables yet. */
    private static long mostBytes(FoldedStack stack) {
        long sum = 200 + 8L * stack.timesUnixNanos().length + 2L * most(stack.threadName());
        for (Frame frame : stack.frames()) {
            sum += 120 + most(frame.function()) + most(frame.file());
            sum += most(frame.mapping()) + 2L * most(frame.buildId());
        }
        return sum;
    }

    private static int most(String text) {
        return Math.min(3 * text.length(), RequestDictionary.LONGEST_STRING) + 8;
    }

    private void sample(FoldedStack stack) {
        int stackIndex = dictionary.stack(stack.frames());
        parts.beginSample(inner, stackIndex, stack.tid(), stack.threadName(), stack.pid());
        ProfileParts.times(inner, stack.timesUnixNanos());
        samples.message(2, inner);
        profileSamples += stack.timesUnixNanos().length;
    }

    /** Ends the profile of a resource, if it has samples in this request. */
    private void finishProfile(WindowProfile profile) {
        if (profileSamples == 0) {
            return;
        }
        outer.reset();
        outer.message(1, parts.valueType("samples", "count"));
        outer.append(samples);
        outer.fixed64(3, profile.startNanos());
        outer.number(4, profile.durationNanos());
        outer.message(5, parts.valueType("cpu", "nanoseconds"));
        outer.number(6, profile.periodNanos());
        outer.bytes(7, ProfileParts.newId(ids));

        // The samples are in `outer` now; their buffer holds the scope, then the resource.
        samples.reset();
        samples.message(1, ofResource.scope("flarepath", version));
        samples.message(2, outer);
        outer.reset();
        outer.message(1, ofResource.resource(profile.resource()));
        outer.message(2, samples);
        resources.message(1, outer);
        samples.reset();
        requestSamples += profileSamples;
        profileSamples = 0;
    }

    private void finishRequest(Consumer<EncodedRequest> sink) {
        if (requestSamples > 0) {
            outer.reset();
            dictionary.appendTo(outer);
            request.reset();
            request.append(resources);
            request.message(2, outer);
            byte[] body = gzip.compress(request.array(), request.length());
            sink.accept(
                    new EncodedRequest(Payload.PROFILES, body, requestSamples, request.length()));
        }
        requestSamples = 0;
        resources.reset();
        dictionary.reset();
        request.reset();
        outer.reset();
    }

    @Override
    public void close() {
        gzip.close();
    }
}
