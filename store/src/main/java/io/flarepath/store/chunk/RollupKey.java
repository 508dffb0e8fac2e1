package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;

/**
 * Where sums lie: level, then time.
 *
 * @param level length of time
 * @param bucket number of the stretch, since 1970
 * @param tenant number of the tenant
 * @param service number of the service
 * @param type number of the type
 * @param group {@link #SERVICE} for the sums of all series, else {@link #groupOf} a series, {@link
 *     #groupOfLabels} of series that agree in some labels, or {@link #WINDOWS}
 * @param epoch epoch of the dictionary that numbers the stacks
 * @param part 0, or more where the sums are too large for one value
 */
public record RollupKey(
        Level level,
        int bucket,
        int tenant,
        int service,
        int type,
        int group,
        int epoch,
        int part) {
    /** The group of all series of a service. */
    public static final int SERVICE = 0;

    /** No group: how sums of two hours spread over series and windows lies there, at level 0. */
    public static final int WINDOWS = -1;

    /** Length of a stored key; that of a marker is less. */
    public static final int BYTES = 29;

    /** The group of a series. */
    public static int groupOf(int series) {
        return series + 1;
    }

    /** The group of series that agree in some labels, by its number in the tenant. */
    public static int groupOfLabels(int number) {
        return number | Integer.MIN_VALUE;
    }

    /** Where the sums of two hours of a service lie as they spread: in the last window of them. */
    public static RollupKey ofWindows(int twoHours, int tenant, int service, int type, int epoch) {
        return new RollupKey(
                Level.TEN_MINUTES, lastWindow(twoHours), tenant, service, type, WINDOWS, epoch, 0);
    }

    private static int lastWindow(int twoHours) {
        return Level.TWO_HOURS.firstWindow(twoHours + 1) - 1;
    }

    /** The first key of spreads of a type over the windows of two hours, from an epoch on. */
    public static byte[] firstOfWindows(
            int twoHours, int tenant, int service, int type, int epoch) {
        return prefix(Level.TEN_MINUTES, lastWindow(twoHours), tenant, service, type, WINDOWS)
                .u32(epoch)
                .toArray();
    }

    /** Whether a spread over windows lies there. */
    public boolean isOfWindows() {
        return group == WINDOWS;
    }

    /** The sums that a spread over windows belongs to. */
    public RollupKey spreadSums() {
        return new RollupKey(
                Level.TWO_HOURS,
                Level.TWO_HOURS.bucketOf(bucket),
                tenant,
                service,
                type,
                SERVICE,
                epoch,
                0);
    }

    /** Whether the sums are those of one series. */
    public boolean isOfSeries() {
        return group > SERVICE;
    }

    /** The number of a group that {@link #groupOfLabels} has made; -1 for any other. */
    public int labelGroup() {
        return group < SERVICE && group != WINDOWS ? group & Integer.MAX_VALUE : -1;
    }

    /** The key as it is stored. */
    public byte[] toBytes() {
        return prefix(level, bucket, tenant, service, type, group).u32(epoch).u32(part).toArray();
    }

    /** Reads a stored key that is not a {@link #marker}. */
    public static RollupKey of(byte[] key) {
        ByteReader in = new ByteReader(key, 0, key.length);
        return new RollupKey(
                Level.ofCode(in.u8()),
                in.u32(),
                in.u32(),
                in.u32(),
                in.u32(),
                in.u32(),
                in.u32(),
                in.u32());
    }

    /** The first key of a level and bucket. */
    public static byte[] first(Level level, int bucket) {
        return new ByteWriter(5).u8(level.code()).u32(bucket).toArray();
    }

    /**
     * What lies there says that a bucket of a service is whole: all finished windows in it are in.
     * It comes before all sums of the bucket and service.
     */
    public static byte[] marker(Level level, int bucket, int tenant, int service) {
        return service(level, bucket, tenant, service).toArray();
    }

    /** The first key of a type in a bucket. */
    public static byte[] first(Level level, int bucket, int tenant, int service, int type) {
        return service(level, bucket, tenant, service).u32(type).toArray();
    }

    /** The first key behind a service in a bucket. */
    public static byte[] after(Level level, int bucket, int tenant, int service) {
        return first(level, bucket, tenant, service, -1);
    }

    /** The first key of a group in a bucket. */
    public static byte[] first(
            Level level, int bucket, int tenant, int service, int type, int group) {
        return prefix(level, bucket, tenant, service, type, group).toArray();
    }

    private static ByteWriter service(Level level, int bucket, int tenant, int service) {
        return new ByteWriter(BYTES).u8(level.code()).u32(bucket).u32(tenant).u32(service);
    }

    private static ByteWriter prefix(
            Level level, int bucket, int tenant, int service, int type, int group) {
        return service(level, bucket, tenant, service).u32(type).u32(group);
    }
}
