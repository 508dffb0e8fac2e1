package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.Executable;
import org.jspecify.annotations.Nullable;

/**
 * The file behind a mapping of one process and of those forked from it. Not shared by others: the
 * same path, device and inode may be another file a minute later.
 */
public final class MappedFile {
    /** Memory without a file: what a just-in-time compiler writes to. */
    public static final MappedFile ANONYMOUS = new MappedFile("", 0, 0);

    private final String path;
    private final String name;
    private final long device;
    private final long inode;

    /** Its symbols; null until they were looked for, and where there are none. */
    @Nullable Executable executable;

    boolean lookedFor;

    /** Opened early, since its process may end before it is sampled. */
    @Nullable HeldFile held;

    private MappedFile(String path, long device, long inode) {
        this.path = path;
        this.name = path.endsWith("/") ? path : path.substring(path.lastIndexOf('/') + 1);
        this.device = device;
        this.inode = inode;
    }

    /**
     * The file of a mapping.
     *
     * @param path as {@code /proc/PID/maps} shows it
     * @param device number of its device; 0 if it is no file
     * @param inode number on it; 0 if it is no file
     */
    public static MappedFile of(String path, long device, long inode) {
        if (path.isEmpty() || path.startsWith("//anon") || path.startsWith("[anon:")) {
            return ANONYMOUS;
        }
        return new MappedFile(withoutDeleted(path), device, inode);
    }

    /** The path as the mapping process sees it; empty for anonymous memory; {@code [vdso]}. */
    public String path() {
        return path;
    }

    /** Last part of the path. */
    public String name() {
        return name;
    }

    /** Number of its device, as {@code /proc/PID/maps} shows it. */
    public long device() {
        return device;
    }

    /** Its number on its device, 0 if it is no file. */
    public long inode() {
        return inode;
    }

    /** Whether this is a file that can be opened. */
    public boolean isFile() {
        return inode != 0 && path.startsWith("/");
    }

    /** Its symbols, if they were looked for and found. */
    public @Nullable Executable knownExecutable() {
        return executable;
    }

    /** Whether this is memory without a file. */
    public boolean isAnonymous() {
        return path.isEmpty();
    }

    /** Whether the other one names the same file, as far as a name can. */
    boolean isSameAs(MappedFile other) {
        return this == other
                || (inode == other.inode && device == other.device && path.equals(other.path));
    }

    /** The kernel adds this to the path of a file that has no name any more. */
    static String withoutDeleted(String path) {
        String ending = " (deleted)";
        return path.endsWith(ending) ? path.substring(0, path.length() - ending.length()) : path;
    }
}
