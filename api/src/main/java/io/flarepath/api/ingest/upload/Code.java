package io.flarepath.api.ingest.upload;

/**
 * The executable behind addresses of an upload.
 *
 * @param file its file name, or empty
 * @param buildId its build-id in hex, or empty
 * @param start address at which it was mapped, 0 when addresses are those of the file already
 * @param offset place in the file that was mapped there
 */
public record Code(String file, String buildId, long start, long offset) {
    /** An address of which nothing else is known. */
    public static final Code UNKNOWN = new Code("", "", 0, 0);

    /** The ELF virtual address behind an address, as far as the mapping tells it. */
    public long address(long given) {
        boolean mapped = start != 0 && Long.compareUnsigned(given, start) >= 0;
        return mapped ? given - start + offset : given;
    }

    /** The name of code without a symbol: {@code file+0x…}. */
    public String nameOf(long address) {
        return (file.isEmpty() ? "" : file + "+") + "0x" + Long.toHexString(address);
    }
}
