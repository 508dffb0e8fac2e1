package io.flarepath.api.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A folder with a backup, of whoever made it and for nobody else. The file {@code incomplete} lies
 * in it from its beginning until its manifest does, so that half a backup is never taken for one.
 */
final class BackupFolder {
    private static final String INCOMPLETE = "incomplete";

    /** What lies in a folder of ours, besides the manifest. */
    private static final Set<String> OURS =
            Set.of(INCOMPLETE, BackupPath.STORE, BackupPath.SYMBOLS, Manifest.NAME + ".part");

    private final Path folder;
    private final boolean made;

    private BackupFolder(Path folder, boolean made) {
        this.folder = folder;
        this.made = made;
    }

    /**
     * Begins a backup in a folder that does not exist, is empty, or holds an incomplete one.
     *
     * @throws BackupException when the folder holds anything else
     */
    static BackupFolder begin(Path folder) throws IOException {
        boolean made = !Files.exists(folder);
        if (made) {
            makePrivate(folder);
        }
        BackupFolder begun = new BackupFolder(folder, made);
        List<String> names = names(folder);
        if (names.contains(Manifest.NAME)) {
            throw new BackupException(
                    folder
                            + " holds the backup of "
                            + read(folder).taken()
                            + ": name another directory, it is not written over");
        }
        if (!names.isEmpty()) {
            if (!names.contains(INCOMPLETE) || !OURS.containsAll(names)) {
                throw new BackupException(
                        folder
                                + " is not empty: name another directory, or one that does not exist");
            }
            begun.clear();
        }
        write(folder.resolve(INCOMPLETE), new byte[0]);
        sync(folder);
        return begun;
    }

    /**
     * Takes a whole archive, and makes the backup complete.
     *
     * @return what was taken
     * @throws IOException when it is cut, damaged, or does not fit the disk; the folder is then as
     *     it was before {@link #begin}
     */
    Manifest take(InputStream archive) throws IOException {
        try {
            TarReader tar = new TarReader(archive);
            List<Manifest.Entry> taken = new ArrayList<>();
            Manifest manifest = null;
            for (TarReader.Head head = tar.next(); head != null; head = tar.next()) {
                if (manifest != null) {
                    throw new BackupException("the archive goes on behind its manifest");
                }
                if (head.name().equals(Manifest.NAME)) {
                    manifest = Manifest.decode(content(tar, head));
                } else {
                    taken.add(file(tar, head));
                }
            }
            if (manifest == null) {
                throw new BackupException("the archive has no manifest: it was cut");
            }
            compare(manifest, taken);
            complete(manifest);
            return manifest;
        } catch (IOException | RuntimeException e) {
            abandon(e);
            throw e;
        }
    }

    private static byte[] content(TarReader tar, TarReader.Head head) throws IOException {
        if (head.bytes() > Manifest.MOST_BYTES) {
            throw new BackupException("the manifest is too long: " + head.bytes() + " bytes");
        }
        ByteBuffer content = ByteBuffer.allocate((int) head.bytes());
        byte[] piece = new byte[64 << 10];
        for (int read = tar.read(piece); read >= 0; read = tar.read(piece)) {
            content.put(piece, 0, read);
        }
        return content.array();
    }

    private Manifest.Entry file(TarReader tar, TarReader.Head head) throws IOException {
        Path file = folder.resolve(BackupPath.checked(head.name()));
        makePrivate(parent(file));
        MessageDigest digest = BackupWriter.sha256();
        try (FileChannel to = create(file)) {
            byte[] piece = new byte[256 << 10];
            for (int read = tar.read(piece); read >= 0; read = tar.read(piece)) {
                digest.update(piece, 0, read);
                writeAll(to, ByteBuffer.wrap(piece, 0, read));
            }
            to.force(true);
        }
        String hash = HexFormat.of().formatHex(digest.digest());
        return new Manifest.Entry(head.name(), head.bytes(), hash);
    }

    /** The order is that of the archive in both. */
    private static void compare(Manifest manifest, List<Manifest.Entry> taken)
            throws BackupException {
        Map<String, Manifest.Entry> promised =
                manifest.files().stream()
                        .collect(Collectors.toMap(Manifest.Entry::path, Function.identity()));
        for (Manifest.Entry each : taken) {
            if (!each.equals(promised.remove(each.path()))) {
                throw new BackupException(each.path() + " was damaged on its way");
            }
        }
        if (!promised.isEmpty()) {
            throw new BackupException(promised.keySet().iterator().next() + " did not arrive");
        }
    }

    private void complete(Manifest manifest) throws IOException {
        for (Path each : folders()) {
            sync(each);
        }
        Path part = folder.resolve(Manifest.NAME + ".part");
        write(part, manifest.encode());
        Files.move(part, folder.resolve(Manifest.NAME), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(folder.resolve(INCOMPLETE));
        sync(folder);
    }

    private List<Path> folders() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    private void abandon(Exception why) {
        try {
            clear();
            if (made) {
                Files.delete(folder);
            }
        } catch (IOException e) {
            // It still says that it is incomplete.
            why.addSuppressed(e);
        }
    }

    /** The marker goes last. */
    private void clear() throws IOException {
        removeAll(folder.resolve(BackupPath.STORE));
        removeAll(folder.resolve(BackupPath.SYMBOLS));
        Files.deleteIfExists(folder.resolve(Manifest.NAME + ".part"));
        Files.deleteIfExists(folder.resolve(Manifest.NAME));
        Files.deleteIfExists(folder.resolve(INCOMPLETE));
    }

    /**
     * What a complete backup holds.
     *
     * @throws BackupException when there is none in the folder, or half of one
     */
    static Manifest read(Path folder) throws IOException {
        Path file = folder.resolve(Manifest.NAME);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new BackupException(
                    Files.exists(folder.resolve(INCOMPLETE))
                            ? folder + " holds an incomplete backup: it was cut when it was made"
                            : folder + " holds no backup: there is no " + Manifest.NAME + " in it");
        }
        if (Files.size(file) > Manifest.MOST_BYTES) {
            throw new BackupException(file + " is too long");
        }
        return Manifest.decode(Files.readAllBytes(file));
    }

    /**
     * Copies a file of a backup, and proves that it is the one that was taken.
     *
     * @throws BackupException when it is missing or changed
     */
    static void copy(Path folder, Manifest.Entry entry, Path to) throws IOException {
        Path from = folder.resolve(BackupPath.checked(entry.path()));
        if (!Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
            throw new BackupException(from + " is missing: the backup is damaged");
        }
        makePrivate(parent(to));
        MessageDigest digest = BackupWriter.sha256();
        long bytes = 0;
        try (InputStream in = Files.newInputStream(from);
                FileChannel out = create(to)) {
            byte[] piece = new byte[256 << 10];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                digest.update(piece, 0, read);
                bytes += read;
                writeAll(out, ByteBuffer.wrap(piece, 0, read));
            }
            out.force(true);
        }
        if (bytes != entry.bytes()
                || !HexFormat.of().formatHex(digest.digest()).equals(entry.sha256())) {
            throw new BackupException(
                    from + " is not what was saved: the backup is damaged, use another one");
        }
    }

    static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Puts the names in a directory on stable storage. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        }
        return names;
    }

    /** Removes a tree; links are removed, not followed. */
    static void removeAll(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                tree,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " has no directory");
        }
        return parent;
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = create(file)) {
            writeAll(channel, ByteBuffer.wrap(content));
            channel.force(true);
        }
    }

    private static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            var _ = channel.write(bytes);
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
}
