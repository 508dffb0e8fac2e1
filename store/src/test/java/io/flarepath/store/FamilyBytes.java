package io.flarepath.store;

import io.flarepath.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What the families of a closed store weigh, with everything flushed, or compacted as well. */
final class FamilyBytes {
    private FamilyBytes() {}

    static Map<String, Long> of(Path database, boolean compact) {
        Map<String, Long> bytes = new TreeMap<>();
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (Options listing = new Options();
                DBOptions options = new DBOptions();
                ColumnFamilyOptions plain =
                        new ColumnFamilyOptions()
                                .setCompressionType(CompressionType.NO_COMPRESSION);
                ColumnFamilyOptions large =
                        new ColumnFamilyOptions()
                                .setTableFormatConfig(
                                        new BlockBasedTableConfig().setBlockSize(32 * 1024))
                                .setCompressionType(CompressionType.ZSTD_COMPRESSION);
                ColumnFamilyOptions packed =
                        new ColumnFamilyOptions()
                                .setTableFormatConfig(
                                        new BlockBasedTableConfig().setBlockSize(16 * 1024))
                                .setCompressionType(CompressionType.ZSTD_COMPRESSION);
                CompactRangeOptions whole =
                        new CompactRangeOptions()
                                .setBottommostLevelCompaction(
                                        CompactRangeOptions.BottommostLevelCompaction.kForce);
                FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            for (byte[] name : RocksDB.listColumnFamilies(listing, database.toString())) {
                String family = text(name);
                families.add(
                        new ColumnFamilyDescriptor(
                                name,
                                Family.isPacked(family)
                                        ? plain
                                        : Family.isLarge(family) ? large : packed));
            }
            try (RocksDB db = RocksDB.open(options, database.toString(), families, handles)) {
                for (ColumnFamilyHandle handle : handles) {
                    db.flush(flush, handle);
                    if (compact) {
                        db.compactRange(handle, null, null, whole);
                    }
                    bytes.put(
                            text(handle.getName()),
                            db.getLongProperty(handle, "rocksdb.live-sst-files-size"));
                }
                handles.forEach(ColumnFamilyHandle::close);
            }
            return bytes;
        } catch (RocksDBException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
