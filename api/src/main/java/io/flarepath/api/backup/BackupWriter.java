package io.flarepath.api.backup;

import io.flarepath.store.Checkpoint;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes a backup as one archive: a checkpoint of the store, pushed symbols, the manifest. */
final class BackupWriter {
    private final TarWriter tar;
    private final List<Manifest.Entry> written = new ArrayList<>();

    private BackupWriter(OutputStream out) {
        this.tar = new TarWriter(out);
    }

    /**
     * Writes all of it.
     *
     * @param taken when the checkpoint was made
     * @param symbols folders of tenants with symbol files, which others may replace or remove
     */
    static void write(Checkpoint checkpoint, Instant taken, Path symbols, OutputStream out)
            throws IOException {
        BackupWriter writer = new BackupWriter(out);
        for (Path file : checkpoint.files()) {
            writer.file(BackupPath.STORE, file);
        }
        if (Files.isDirectory(symbols)) {
            writer.symbols(symbols);
        }
        byte[] manifest = new Manifest(taken, checkpoint.format(), writer.written).encode();
        writer.tar.file(Manifest.NAME, manifest.length, new ByteArrayInputStream(manifest));
        writer.tar.end();
        out.flush();
    }

    private void symbols(Path symbols) throws IOException {
        try (DirectoryStream<Path> tenants = Files.newDirectoryStream(symbols)) {
            for (Path tenant : tenants) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(tenant)) {
                    for (Path file : files) {
                        symbolFile(BackupPath.SYMBOLS + "/" + tenant.getFileName(), file);
                    }
                }
            }
        }
    }

    private void symbolFile(String folder, Path file) throws IOException {
        try {
            file(folder, file);
        } catch (NoSuchFileException e) {
            // It made room for others meanwhile. Once it is open it stays readable.
        }
    }

    private void file(String folder, Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        String name = BackupPath.checked(folder + "/" + file.getFileName());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = channel.size();
            Hashed content = new Hashed(Channels.newInputStream(channel));
            tar.file(name, bytes, content);
            written.add(new Manifest.Entry(name, bytes, content.hash()));
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Hashes what is read. */
    private static final class Hashed extends FilterInputStream {
        private final MessageDigest digest = sha256();

        Hashed(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int read = in.read(into, at, length);
            if (read > 0) {
                digest.update(into, at, read);
            }
            return read;
        }

        String hash() {
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
