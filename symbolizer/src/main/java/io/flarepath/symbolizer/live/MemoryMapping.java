package io.flarepath.symbolizer.live;

/**
 * One line of {@code /proc/PID/maps}.
 *
 * @param start first address
 * @param end first address behind it
 * @param fileOffset offset in the file of the first address, bytes
 * @param executable whether code may run in it
 * @param device device of the file, as {@code st_dev} encodes it; on overlayfs and btrfs it differs
 *     from {@code st_dev} of the file
 * @param inode inode of the file, 0 for memory without a file
 * @param path as the target sees it, without the kernel's {@code " (deleted)"}; {@code [vdso]} and
 *     the like for special ones; empty for anonymous memory
 */
public record MemoryMapping(
        long start,
        long end,
        long fileOffset,
        boolean executable,
        long device,
        long inode,
        String path) {

    /** Whether the address lies in it. */
    public boolean holds(long address) {
        return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }

    /** Whether a file stands behind it. */
    public boolean hasFile() {
        return inode != 0 && path.startsWith("/");
    }

    /** The last part of the path. */
    public String fileName() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The offset in the file of an address that it holds. */
    public long fileOffsetOf(long address) {
        return address - start + fileOffset;
    }
}
