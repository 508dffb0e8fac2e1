package io.flarepath.store.call;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.profile.FrameHash;

/**
 * Where a block of calls lies: time first, so that writes append and retention drops a range.
 *
 * @param window 10-minute window in which its calls began, since 1970
 * @param tenant number of the tenant
 * @param service hash of the service's name; the block has the name itself
 * @param part tells blocks of a service and window apart
 */
public record CallKey(int window, int tenant, long service, long part) {

    /** The key as it is stored. */
    public byte[] toBytes() {
        return prefix(window, tenant, service).u64(part).toArray();
    }

    /** Reads a stored key. */
    public static CallKey of(byte[] key) {
        ByteReader in = new ByteReader(key, 0, key.length);
        return new CallKey(in.u32(), in.u32(), in.u64(), in.u64());
    }

    /** What stands for a service in keys. */
    public static long service(String name) {
        return FrameHash.stable(name);
    }

    /** The first key of a tenant in a window. */
    public static byte[] first(int window, int tenant) {
        return new ByteWriter(8).u32(window).u32(tenant).toArray();
    }

    /** The first key of a service in a window. */
    public static byte[] first(int window, int tenant, long service) {
        return prefix(window, tenant, service).toArray();
    }

    /** The first key behind those of the service. */
    public byte[] afterService() {
        return service == -1 ? first(window, tenant + 1) : first(window, tenant, service + 1);
    }

    /** Whether both are blocks of one service and window. */
    public boolean isBeside(CallKey other) {
        return window == other.window && tenant == other.tenant && service == other.service;
    }

    private static ByteWriter prefix(int window, int tenant, long service) {
        return new ByteWriter(24).u32(window).u32(tenant).u64(service);
    }
}
