package io.flarepath.store.metric;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;

/**
 * Where a point lies until its window is over: time first, then as in sums.
 *
 * @param window 10-minute window, since 1970
 * @param tenant number of the tenant
 * @param service number of the service
 * @param metric number of the metric
 * @param series number of the series
 * @param slot of the window
 * @param upload of the upload that it came by, so that those of several lie beside each other
 */
public record PointKey(
        int window, int tenant, int service, int metric, int series, int slot, long upload) {

    /** The key as it is stored. */
    public byte[] toBytes() {
        return of(window, tenant, service, metric, series).u8(slot).u64(upload).toArray();
    }

    /** Reads a stored key. */
    public static PointKey of(byte[] key) {
        ByteReader in = new ByteReader(key, 0, key.length);
        return new PointKey(in.u32(), in.u32(), in.u32(), in.u32(), in.u32(), in.u8(), in.u64());
    }

    /** Where the slots of a finished window lie. */
    public byte[] slots() {
        return of(window, tenant, service, metric, series).toArray();
    }

    /** Whether another is of the same series, metric and window. */
    public boolean sharesSlots(PointKey other) {
        return window == other.window
                && tenant == other.tenant
                && service == other.service
                && metric == other.metric
                && series == other.series;
    }

    private static ByteWriter of(int window, int tenant, int service, int metric, int series) {
        return new ByteWriter(29).u32(window).u32(tenant).u32(service).u32(metric).u32(series);
    }
}
