package io.flarepath.api.symbols;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of symbol files: one for each build, named by its build-id, below a folder for each
 * tenant; beside each its {@link Build}. It has a limit of size, what was not used for longest goes
 * first. Files appear whole, by renaming; what is mapped stays readable when it is removed.
 */
final class SymbolFolder {
    private static final Logger LOG = LoggerFactory.getLogger(SymbolFolder.class);
    private static final String SYMBOLS = ".symbols";
    private static final String ABOUT = ".build";
    private static final String SCRATCH = "scratch";
    private static final long MOST_ABOUT_BYTES = 64 << 10;

    private final Path tenants;
    private final Path scratch;
    private final long mostBytes;

    /** A build of a tenant that is in the folder. */
    record Kept(String tenant, Build build, long bytes, Instant used) {}

    /** Opens the folder, and removes what an earlier server left half done. */
    SymbolFolder(Path folder, long mostBytes) throws IOException {
        this.tenants = folder.resolve("tenants");
        this.scratch = folder.resolve(SCRATCH);
        this.mostBytes = mostBytes;
        makePrivate(tenants);
        makePrivate(scratch);
        clearScratch();
    }

    private static void makePrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Where a push may keep what is temporary. */
    Path scratch() {
        return scratch;
    }

    /** What all files may take. */
    long mostBytes() {
        return mostBytes;
    }

    void clearScratch() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(scratch)) {
            for (Path path : left) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** The symbol file of a build. */
    Path symbols(String tenant, String buildId) {
        return tenants.resolve(tenant).resolve(buildId + SYMBOLS);
    }

    private Path about(String tenant, String buildId) {
        return tenants.resolve(tenant).resolve(buildId + ABOUT);
    }

    /** Puts a symbol file in the place of what was there. */
    void put(String tenant, Build build, Path symbols) throws IOException {
        makePrivate(tenants.resolve(tenant));
        Files.move(
                symbols,
                symbols(tenant, build.buildId()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        describe(tenant, build);
    }

    /** Puts what is known of a build in the place of what was known. */
    void describe(String tenant, Build build) throws IOException {
        Path written = Files.createTempFile(scratch, "about", ABOUT);
        Files.write(written, build.encode());
        Files.move(
                written,
                about(tenant, build.buildId()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Keeps when a build was used. */
    void touch(String tenant, String buildId) throws IOException {
        try {
            Files.setLastModifiedTime(symbols(tenant, buildId), FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            LOG.debug("{} of {} was removed meanwhile", buildId, tenant);
        }
    }

    void remove(String tenant, String buildId) throws IOException {
        Files.deleteIfExists(about(tenant, buildId));
        Files.deleteIfExists(symbols(tenant, buildId));
    }

    /** All builds; what cannot be read is removed. */
    List<Kept> all() throws IOException {
        List<Kept> all = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(tenants)) {
            for (Path folder : folders) {
                try (DirectoryStream<Path> files =
                        Files.newDirectoryStream(folder, "*" + SYMBOLS)) {
                    for (Path file : files) {
                        add(folder, file, all);
                    }
                }
            }
        }
        return all;
    }

    private void add(Path folder, Path file, List<Kept> all) throws IOException {
        String tenant = String.valueOf(folder.getFileName());
        String name = String.valueOf(file.getFileName());
        String buildId = name.substring(0, name.length() - SYMBOLS.length());
        try {
            Path about = about(tenant, buildId);
            if (Files.size(about) > MOST_ABOUT_BYTES) {
                throw new IllegalArgumentException(about + " is too long");
            }
            Build build = Build.decode(Files.readAllBytes(about));
            if (!build.buildId().equals(buildId)) {
                throw new IllegalArgumentException(about + " is of another build");
            }
            long bytes = Files.size(file) + Files.size(about);
            all.add(new Kept(tenant, build, bytes, Files.getLastModifiedTime(file).toInstant()));
        } catch (IllegalArgumentException | NoSuchFileException e) {
            LOG.warn("a symbol file that nothing is known of is removed: {}", e.getMessage());
            remove(tenant, buildId);
        }
    }

    /**
     * Removes what was not used for longest, until the rest has its limit.
     *
     * @return what was removed
     */
    List<Kept> trim() throws IOException {
        List<Kept> all = all();
        long bytes = all.stream().mapToLong(Kept::bytes).sum();
        List<Kept> removed = new ArrayList<>();
        all.sort(Comparator.comparing(Kept::used));
        for (Kept oldest : all) {
            if (bytes <= mostBytes) {
                break;
            }
            remove(oldest.tenant, oldest.build.buildId());
            removed.add(oldest);
            bytes -= oldest.bytes;
        }
        return removed;
    }
}
