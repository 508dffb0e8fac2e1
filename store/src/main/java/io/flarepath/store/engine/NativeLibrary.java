package io.flarepath.store.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads RocksDB's native library from a directory of ours. RocksDB itself would unpack it into
 * java.io.tmpdir at every start, leave it there after a kill, and fail where /tmp is mounted
 * noexec.
 */
final class NativeLibrary {
    private static boolean loaded;

    private NativeLibrary() {}

    /** Unpacks the library, loads it, and takes the file away; once a process. */
    static synchronized void load(Path directory) throws IOException {
        if (loaded) {
            return;
        }
        String file = Environment.getJniLibraryFileName("rocksdb");
        Files.createDirectories(directory);
        try (InputStream in = RocksDB.class.getClassLoader().getResourceAsStream(file)) {
            if (in == null) {
                RocksDB.loadLibrary();
            } else {
                // loadLibrary(paths) looks for this name, which is not that of the resource.
                Path target = directory.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
                Path unfinished = directory.resolve(file + ".part");
                Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
                // An older process may have the old file mapped: replace it, never write into it.
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
                RocksDB.loadLibrary(List.of(directory.toString()));
                // It is mapped; the file would take more room than the store of a small service.
                Files.deleteIfExists(target);
            }
        }
        loaded = true;
    }
}
