package io.flarepath.api.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Puts a backup in the place of a store that is not there yet. Everything is copied and proved
 * beside that place first, and moved into it at the end, the database last: a store is there whole
 * or not at all, and an interrupted restoration can be repeated.
 */
final class Restoration {
    private static final long SPARE_BYTES = 256L << 20;

    private final Path backup;
    private final Path data;
    private final Path unfinished;
    private final Path database;
    private final Path symbols;

    private Restoration(Path backup, Path data) {
        this.backup = backup;
        this.data = data;
        this.unfinished = data.resolve("store.restoring");
        this.database = data.resolve("store").resolve("db");
        this.symbols = data.resolve("store-symbols").resolve("tenants");
    }

    /**
     * Restores.
     *
     * @param data the folder of the setting {@code data}
     * @return what was restored
     * @throws BackupException when there is a store already, or the backup is none, incomplete, or
     *     damaged; nothing is then in the place of the store
     */
    static Manifest run(Path backup, Path data) throws IOException {
        return new Restoration(backup, data).run();
    }

    private Manifest run() throws IOException {
        Manifest manifest = BackupFolder.read(backup);
        refuseStore();
        // Symbols of an attempt that was interrupted while it moved them are its own.
        if (!Files.exists(unfinished)) {
            refuseSymbols();
        }
        BackupFolder.removeAll(unfinished);
        BackupFolder.makePrivate(unfinished);
        try {
            copy(manifest);
        } catch (IOException | RuntimeException e) {
            BackupFolder.removeAll(unfinished);
            throw e;
        }
        move();
        return manifest;
    }

    private void refuseStore() throws IOException {
        if (Files.isDirectory(database) && !BackupFolder.names(database).isEmpty()) {
            throw new BackupException(
                    "there is a store in "
                            + database.getParent()
                            + " already, and it is not written over: stop its server and move it"
                            + " away, or name another folder with --set data=DIR");
        }
    }

    private void refuseSymbols() throws IOException {
        if (!Files.isDirectory(symbols)) {
            return;
        }
        for (String tenant : BackupFolder.names(symbols)) {
            Path folder = symbols.resolve(tenant);
            if (!Files.isDirectory(folder) || !BackupFolder.names(folder).isEmpty()) {
                throw new BackupException(
                        "there are pushed symbols in "
                                + symbols
                                + " already: move them away, or name another folder with --set"
                                + " data=DIR");
            }
        }
    }

    private void copy(Manifest manifest) throws IOException {
        long free = Files.getFileStore(unfinished).getUsableSpace();
        if (free < manifest.bytes() + SPARE_BYTES) {
            throw new BackupException(
                    "the disk of "
                            + data
                            + " has "
                            + free
                            + " bytes free; the backup takes "
                            + manifest.bytes()
                            + ", and "
                            + SPARE_BYTES
                            + " must stay");
        }
        for (Manifest.Entry entry : manifest.files()) {
            BackupFolder.copy(backup, entry, unfinished.resolve(entry.path()));
        }
    }

    private void move() throws IOException {
        Path restored = unfinished.resolve(BackupPath.SYMBOLS);
        if (Files.isDirectory(restored)) {
            BackupFolder.removeAll(symbols);
            BackupFolder.makePrivate(data.resolve("store-symbols"));
            Files.move(restored, symbols, StandardCopyOption.ATOMIC_MOVE);
            BackupFolder.sync(data.resolve("store-symbols"));
        }
        Path store = data.resolve("store");
        BackupFolder.makePrivate(store);
        // Fails when a server has begun to fill it meanwhile.
        Files.deleteIfExists(database);
        Path files = unfinished.resolve(BackupPath.STORE);
        for (Path each : List.of(files, unfinished)) {
            BackupFolder.sync(each);
        }
        Files.move(files, database, StandardCopyOption.ATOMIC_MOVE);
        BackupFolder.sync(store);
        BackupFolder.removeAll(unfinished);
        BackupFolder.sync(data);
    }
}
