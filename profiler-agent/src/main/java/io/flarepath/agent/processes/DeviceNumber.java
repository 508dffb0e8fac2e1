package io.flarepath.agent.processes;

/** The number of a device as stat(2) and {@code /proc} show it: glibc's makedev(3). */
public final class DeviceNumber {
    private DeviceNumber() {}

    /**
     * Packs the two parts.
     *
     * @param majorAndMinor major number in the upper 32 bits, minor in the lower
     */
    public static long of(long majorAndMinor) {
        long major = majorAndMinor >>> 32;
        long minor = majorAndMinor & 0xffff_ffffL;
        return (minor & 0xff)
                | ((major & 0xfff) << 8)
                | ((minor & ~0xffL) << 12)
                | ((major & ~0xfffL) << 32);
    }
}
