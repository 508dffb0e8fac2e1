package io.flarepath.api.ingest.upload;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;

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

    /**
     * Whatever is mapped below is no position-independent executable of a 64-bit process: it runs
     * where its ELF file says, and its addresses are ELF virtual addresses.
     */
    private static final long LOWEST_MOVED = 1L << 32;

    /**
     * Whether an address counts from where the file was moved to. Some senders give the mapping,
     * and addresses that are the file's own all the same: these lie below it.
     */
    private boolean isMoved(long given) {
        return Long.compareUnsigned(start, LOWEST_MOVED) >= 0
                && Long.compareUnsigned(given, start) >= 0;
    }

    /**
     * A frame of this code that has no name: it is called {@code file+0x…}, and keeps its address
     * so that a debug file can name it later. The address is the ELF virtual one; of code that was
     * moved a mapping tells the offset in the file only, which is kept as such.
     *
     * @param given address as it was sent
     */
    public Frame unnamed(long given, FrameKind kind) {
        return addressed(nameOf(addressOf(given)), given, kind);
    }

    /** The same for a frame to which the sender gave a name that {@link #isAddress}. */
    public Frame addressed(String name, long given, FrameKind kind) {
        return new Frame(
                name, "", 0, file, buildId, addressOf(given), kind, false, false, isMoved(given));
    }

    private long addressOf(long given) {
        return isMoved(given) ? given - start + offset : given;
    }

    private String nameOf(long address) {
        return (file.isEmpty() ? "" : file + "+") + "0x" + Long.toHexString(address);
    }

    /** Whether a name is made of an address, {@code libc.so.6+0x29d90}, and may be bettered. */
    public static boolean isAddress(String name) {
        int digits = name.lastIndexOf("+0x") + 3;
        if (digits < 4 || digits == name.length()) {
            return false;
        }
        for (int i = digits; i < name.length(); i++) {
            if (Character.digit(name.charAt(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }
}
