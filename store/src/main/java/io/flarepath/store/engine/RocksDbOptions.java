package io.flarepath.store.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/** How RocksDB is set up, and the native objects that must outlive the database. */
final class RocksDbOptions implements AutoCloseable {
    private static final long MIB = 1 << 20;

    /** Closed last opened first, after the database. */
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    private final Cache cache;
    private final BloomFilter bloom;
    private final DBOptions database;
    private final long memtableBytes;

    RocksDbOptions(long cacheBytes, long memtableBytes) {
        this.memtableBytes = memtableBytes;
        cache = own(new LRUCache(cacheBytes));
        bloom = own(new BloomFilter(10));
        WriteBufferManager buffers = own(new WriteBufferManager(memtableBytes, cache));
        Properties untyped = new Properties();
        // Has no typed setter: tells at open whether a WAL is missing or too short.
        untyped.setProperty("track_and_verify_wals", "true");
        DBOptions options = DBOptions.getDBOptionsFromProps(untyped);
        if (options == null) {
            throw new IllegalStateException("this RocksDB does not know track_and_verify_wals");
        }
        database = own(options);
        database.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                // A flipped bit in the middle of the WAL must be refused, not silently cut there.
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setWriteBufferManager(buffers)
                .setMaxTotalWalSize(2 * memtableBytes)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(256)
                .setBytesPerSync(MIB)
                // It would reserve megabytes for a WAL and a manifest of a few kilobytes.
                .setAllowFAllocate(false)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(4 * MIB)
                .setKeepLogFileNum(3)
                .setStatsDumpPeriodSec(0);
    }

    /** For a WAL that is damaged in the middle: what lies behind the damage is given up. */
    RocksDbOptions upToDamage() {
        database.setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
        return this;
    }

    DBOptions database() {
        return database;
    }

    /** Options of one family; an unknown one is opened too, so that the version can be read. */
    ColumnFamilyOptions family(String storedName) {
        boolean large = Family.isLarge(storedName);
        BlockBasedTableConfig table =
                new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(large ? 32 * 1024 : 16 * 1024)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true)
                        .setFilterPolicy(bloom);
        return own(new ColumnFamilyOptions())
                .setTableFormatConfig(table)
                .setWriteBufferSize(Math.max(MIB, memtableBytes / (large ? 2 : 8)))
                .setLevelCompactionDynamicLevelBytes(true)
                .setTargetFileSizeBase(64 * MIB)
                // Profiles are packed by us, with their columns in view.
                .setCompressionType(
                        Family.isPacked(storedName)
                                ? CompressionType.NO_COMPRESSION
                                : CompressionType.ZSTD_COMPRESSION)
                // Keys are time-first: old files need no rewriting, retention drops them whole.
                .setTtl(0)
                .setPeriodicCompactionSeconds(0);
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    @Override
    public void close() {
        for (AutoCloseable resource : owned) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("a native option does not close", e);
            }
        }
    }
}
