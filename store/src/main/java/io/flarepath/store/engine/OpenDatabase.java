package io.flarepath.store.engine;

import static org.rocksdb.CompactRangeOptions.BottommostLevelCompaction.kForce;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** A database that is open, with everything native that belongs to it. */
final class OpenDatabase implements AutoCloseable {
    private final RocksDbOptions options;
    private final RocksDB db;
    private final List<ColumnFamilyHandle> handles;
    private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
    private final WriteOptions writeOptions = new WriteOptions();
    private final ReadOptions readOptions = new ReadOptions();

    private OpenDatabase(RocksDbOptions options, RocksDB db, List<ColumnFamilyHandle> handles)
            throws RocksDBException {
        this.options = options;
        this.db = db;
        this.handles = handles;
        for (ColumnFamilyHandle handle : handles) {
            String name = new String(handle.getName(), StandardCharsets.UTF_8);
            for (Family family : Family.values()) {
                if (family.storedName().equals(name)) {
                    families.put(family, handle);
                }
            }
        }
    }

    /** Opens what lies in a directory, or makes it; takes the options over. */
    static OpenDatabase open(Path directory, RocksDbOptions options) throws RocksDBException {
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
            for (String name : familyNames(directory)) {
                descriptors.add(
                        new ColumnFamilyDescriptor(
                                name.getBytes(StandardCharsets.UTF_8), options.family(name)));
            }
            RocksDB db =
                    RocksDB.open(options.database(), directory.toString(), descriptors, handles);
            return new OpenDatabase(options, db, handles);
        } catch (RocksDBException e) {
            options.close();
            throw e;
        }
    }

    private static Set<String> familyNames(Path directory) throws RocksDBException {
        Set<String> names = new LinkedHashSet<>();
        for (Family family : Family.values()) {
            names.add(family.storedName());
        }
        if (Files.exists(directory.resolve("CURRENT"))) {
            try (Options listing = new Options()) {
                for (byte[] name : RocksDB.listColumnFamilies(listing, directory.toString())) {
                    names.add(new String(name, StandardCharsets.UTF_8));
                }
            }
        }
        return names;
    }

    RocksDB db() {
        return db;
    }

    WriteOptions writeOptions() {
        return writeOptions;
    }

    ReadOptions readOptions() {
        return readOptions;
    }

    ColumnFamilyHandle handle(Family family) {
        ColumnFamilyHandle handle = families.get(family);
        if (handle == null) {
            throw new IllegalStateException("family " + family + " was not opened");
        }
        return handle;
    }

    /**
     * Moves what the WAL holds to where it takes less room, and forgets profiles that have been put
     * together: what was written and deleted since the last time never gets there.
     */
    void settle() throws RocksDBException {
        try (FlushOptions waiting = new FlushOptions().setWaitForFlush(true)) {
            db.flush(waiting, handles);
        }
        compact(handle(Family.PROFILES));
        compact(handle(Family.METRIC_POINTS));
        compact(handle(Family.CALL_PARTS));
    }

    private void compact(ColumnFamilyHandle passing) throws RocksDBException {
        if (db.getLongProperty(passing, "rocksdb.live-sst-files-size") == 0) {
            return;
        }
        // They are of a few minutes, but for the marks of what was deleted: those go when the last
        // level is written anew, and only then.
        try (CompactRangeOptions anew =
                new CompactRangeOptions().setBottommostLevelCompaction(kForce)) {
            db.compactRange(passing, null, null, anew);
        }
    }

    /** Syncs the WAL, which closing alone leaves to the kernel, and closes whatever comes of it. */
    @Override
    public void close() throws RocksDBException {
        // RocksDB's own order: handles, then the database, then what it was opened with.
        try (options;
                readOptions;
                writeOptions) {
            try {
                db.syncWal();
            } finally {
                handles.forEach(ColumnFamilyHandle::close);
                db.closeE();
            }
        }
    }
}
