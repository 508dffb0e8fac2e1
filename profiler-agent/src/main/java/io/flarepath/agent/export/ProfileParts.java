package io.flarepath.agent.export;

import java.util.Random;

/** Parts of OTLP's profiles that are the same whatever a profile is of. Not for several threads. */
final class ProfileParts {
    private final RequestDictionary dictionary;
    private final WireBuffer part = new WireBuffer();
    private final WireBuffer value = new WireBuffer();

    /**
     * @param dictionary of the requests that the parts go into
     */
    ProfileParts(RequestDictionary dictionary) {
        this.dictionary = dictionary;
    }

    /** Begins a {@code Sample}: its stack, and whose it is. */
    void beginSample(WireBuffer sample, int stack, long tid, String threadName, long pid) {
        int thread = dictionary.attribute("thread.id", tid);
        int name = dictionary.attribute("thread.name", threadName);
        int process = dictionary.attribute("process.pid", pid);
        sample.reset();
        sample.number(1, stack);
        value.reset();
        value.varint(thread);
        value.varint(name);
        value.varint(process);
        sample.message(2, value);
    }

    /** Ends a {@code Sample} with its times, nanoseconds since 1970. */
    static void times(WireBuffer sample, long[] timesUnixNanos) {
        sample.header(5, 8 * timesUnixNanos.length);
        for (long time : timesUnixNanos) {
            sample.rawFixed64(time);
        }
    }

    /** A {@code ValueType}; good until the next part is asked for. */
    WireBuffer valueType(String type, String unit) {
        int typeIndex = dictionary.string(type);
        int unitIndex = dictionary.string(unit);
        part.reset();
        part.number(1, typeIndex);
        part.number(2, unitIndex);
        return part;
    }

    /** A profile's id: sixteen random bytes, not all zero: that would be an invalid one. */
    static byte[] newId(Random ids) {
        byte[] id = new byte[16];
        ids.nextBytes(id);
        id[0] |= 1;
        return id;
    }
}
