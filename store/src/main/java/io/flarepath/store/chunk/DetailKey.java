package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;

/**
 * Where a list of profiles of a finished window lies, and their spread: time first.
 *
 * @param window 10-minute window since 1970
 * @param tenant number of the tenant
 * @param service number of the service
 * @param type number of the type
 * @param series number of the series
 * @param epoch epoch of the dictionary that numbers the stacks
 * @param part 0, or more where a window held too much for one value
 */
public record DetailKey(
        int window, int tenant, int service, int type, int series, int epoch, int part) {
    private static final int BYTES = 28;

    /** The key as it is stored. */
    public byte[] toBytes() {
        return prefix(window, tenant, service, type, series).u32(epoch).u32(part).toArray();
    }

    /** Reads a stored key. */
    public static DetailKey of(byte[] key) {
        ByteReader in = new ByteReader(key, 0, key.length);
        return new DetailKey(in.u32(), in.u32(), in.u32(), in.u32(), in.u32(), in.u32(), in.u32());
    }

    /** The first key of a series in a window. */
    public static byte[] first(int window, int tenant, int service, int type, int series) {
        return prefix(window, tenant, service, type, series).toArray();
    }

    private static ByteWriter prefix(int window, int tenant, int service, int type, int series) {
        return new ByteWriter(BYTES).u32(window).u32(tenant).u32(service).u32(type).u32(series);
    }

    /** Where the sums of the same profiles lie. */
    public RollupKey sums() {
        return new RollupKey(
                Level.TEN_MINUTES,
                window,
                tenant,
                service,
                type,
                RollupKey.groupOf(series),
                epoch,
                part);
    }
}
