package io.flarepath.store;

import java.util.List;
import java.util.Optional;

/**
 * Files with profiles that somebody uploaded to look at them, by tenant, as they came: they are no
 * part of any series. Safe for many threads; calls may block on disk. What is kept stays until it
 * is removed.
 */
public interface ProfileFileStore {
    /** Files that a tenant may have. */
    int MOST = 200;

    /** Longest name, in UTF-8 bytes. */
    int NAME_BYTES = 256;

    /**
     * What is known of a file beside its content.
     *
     * @param id hexadecimal digits; ids of a tenant are in order of time
     * @param name as it was given, mostly a file's
     * @param uploadedMillis when it came, in Unix milliseconds
     * @param bytes its size
     */
    record ProfileFile(String id, String name, long uploadedMillis, long bytes) {}

    /** All of a tenant, the newest first. */
    List<ProfileFile> list(String tenant);

    /** One of a tenant. */
    Optional<ProfileFile> find(String tenant, String id);

    /** The content of one. */
    Optional<byte[]> content(String tenant, String id);

    /**
     * Keeps a file. When it returns it survives a kill of this process.
     *
     * @param uploadedMillis now, in Unix milliseconds
     * @param mostBytes what all files of the tenant may have together
     * @return empty when the tenant has {@link #MOST} files already, or would have more bytes
     * @throws IllegalArgumentException for a name that is empty or too long
     */
    Optional<ProfileFile> put(
            String tenant, String name, long uploadedMillis, byte[] content, long mostBytes);

    /** Removes one; whether there was one. */
    boolean remove(String tenant, String id);
}
