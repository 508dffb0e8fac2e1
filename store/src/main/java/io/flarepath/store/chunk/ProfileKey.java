package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;

/**
 * Where a profile lies: time first, so that writes append and retention drops a range. The hash
 * makes a retry fall on itself.
 *
 * @param window 10-minute window of the start, since 1970
 * @param tenant number of the tenant
 * @param service number of the service
 * @param type number of the type
 * @param series number of the series
 * @param startNanos start, nanoseconds since 1970
 * @param hash of the upload's id, or of its content
 */
public record ProfileKey(
        int window, int tenant, int service, int type, int series, long startNanos, long hash) {
    /** Length of a window: the grain of retention and of the index. */
    public static final long WINDOW_NANOS = 600_000_000_000L;

    private static final int BYTES = 36;

    /** The window of an instant, which must not be before 1970. */
    public static int windowOf(long nanos) {
        return (int) (nanos / WINDOW_NANOS);
    }

    /** The key as it is stored. */
    public byte[] toBytes() {
        return prefix(window, tenant, service, type, series, BYTES)
                .u64(startNanos)
                .u64(hash)
                .toArray();
    }

    /** Reads a stored key. */
    public static ProfileKey of(byte[] key) {
        ByteReader in = new ByteReader(key, 0, key.length);
        return new ProfileKey(in.u32(), in.u32(), in.u32(), in.u32(), in.u32(), in.u64(), in.u64());
    }

    /** The first key of a series in a window. */
    public static byte[] first(int window, int tenant, int service, int type, int series) {
        return prefix(window, tenant, service, type, series, 20).toArray();
    }

    /** The first key of a window. */
    public static byte[] first(int window) {
        return new ByteWriter(4).u32(window).toArray();
    }

    private static ByteWriter prefix(
            int window, int tenant, int service, int type, int series, int bytes) {
        return new ByteWriter(bytes).u32(window).u32(tenant).u32(service).u32(type).u32(series);
    }
}
