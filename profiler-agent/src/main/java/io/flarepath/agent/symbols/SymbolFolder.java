package io.flarepath.agent.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * A folder of files that were made of executables: names by identity, and a limit of size, least
 * lately used out first.
 */
public final class SymbolFolder {
    private static final String FAILED = ".failed";
    private static final Duration FAILED_FOR = Duration.ofHours(24);
    private static final int NAME_BYTES = 20;

    private final Path folder;
    private final String ending;
    private final long mostBytes;

    private record Kept(Path path, long bytes, FileTime used) {}

    /**
     * Opens the folder, and removes what an earlier agent left half done.
     *
     * @param ending of the names of its files
     * @param mostBytes that they may take
     */
    public SymbolFolder(Path folder, String ending, long mostBytes) throws IOException {
        this.folder = folder;
        this.ending = ending;
        this.mostBytes = mostBytes;
        Files.createDirectories(folder);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.tmp")) {
            for (Path path : left) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Where it is. */
    public Path folder() {
        return folder;
    }

    /** Where the file of an executable is, or shall be. */
    public Path file(String identity) {
        return folder.resolve(hash(identity) + ending);
    }

    /** Keeps that an executable has no file, so that it is not tried again and again. */
    public void markFailed(String identity) throws IOException {
        Path mark = folder.resolve(hash(identity) + FAILED);
        Files.deleteIfExists(mark);
        Files.createFile(mark);
    }

    /** Whether it failed not long ago. */
    public boolean hasFailed(String identity) {
        try {
            Path mark = folder.resolve(hash(identity) + FAILED);
            Instant since = Files.getLastModifiedTime(mark).toInstant();
            return Duration.between(since, Instant.now()).compareTo(FAILED_FOR) < 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Keeps when a file was used. */
    public static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    }

    /** Removes what was not used for longest, until the rest has its limit. */
    public void trim() throws IOException {
        List<Kept> all = new ArrayList<>();
        long bytes = 0;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
                if (a.isRegularFile()) {
                    all.add(new Kept(path, a.size(), a.lastModifiedTime()));
                    bytes += a.size();
                }
            }
        }
        all.sort(Comparator.comparing(Kept::used));
        for (Kept oldest : all) {
            if (bytes <= mostBytes) {
                return;
            }
            Files.deleteIfExists(oldest.path);
            bytes -= oldest.bytes;
        }
    }

    private static String hash(String identity) {
        try {
            byte[] utf8 = identity.getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(utf8);
            return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
