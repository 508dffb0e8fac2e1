package io.flarepath.store.dictionary;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The dictionaries of all services. They are read from the engine when they are first touched, and
 * let go, least recently used first, when together they take more memory than allowed.
 *
 * <p>A piece that cannot be read leaves a hole whose stacks keep their values and lose their names;
 * new stacks then go to a new epoch, so that no number ever means two things.
 */
public final class Dictionaries {
    /** Bytes of tenant and service before the epoch in a key. */
    static final int EPOCH_AT = 8;

    /** Prefix of keys in the meta family. */
    private static final char BEGUN = 'e';

    /** More than zstd makes of what a dictionary is. */
    private static final int ENTRIES_PER_BYTE = 32;

    /** Uploads may start a day ahead of our clock. */
    private static final long CLOCKS_AHEAD_NANOS = 2 * 86_400_000_000_000L;

    private final Engine engine;
    private final ZstdPool zstd;
    private final int nodeCap;
    private final long textCap;
    private final long memoryBytes;
    private final Consumer<String> onCorrupt;
    private final ConcurrentHashMap<Long, ServiceDictionary> services = new ConcurrentHashMap<>();
    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong loads = new AtomicLong();

    /**
     * Dictionaries over an engine.
     *
     * @param nodeCap nodes beyond which a dictionary is full
     * @param memoryBytes memory for all of them together
     * @param onCorrupt told of every piece that cannot be read
     */
    public Dictionaries(
            Engine engine,
            ZstdPool zstd,
            int nodeCap,
            long memoryBytes,
            Consumer<String> onCorrupt) {
        this.engine = engine;
        this.zstd = zstd;
        this.nodeCap = nodeCap;
        this.textCap = Math.max(1 << 20, memoryBytes / 4);
        this.memoryBytes = memoryBytes;
        this.onCorrupt = onCorrupt;
    }

    /** The dictionary of a service; it need not exist yet. */
    public ServiceDictionary of(int tenant, int service) {
        ServiceDictionary found =
                services.computeIfAbsent(
                        (long) tenant << 32 | (service & 0xFFFF_FFFFL),
                        key -> new ServiceDictionary(this, tenant, service));
        found.touch(clock.incrementAndGet());
        return found;
    }

    /**
     * Lets go of the least recently used until the rest fits the budget: first of all but what
     * numbers the stacks that are known, then, above half of the budget, of that.
     */
    public void evict() {
        long bytes = memoryBytes();
        while (bytes > memoryBytes) {
            long light =
                    services.values().stream()
                            .filter(service -> !service.isLoaded())
                            .mapToLong(ServiceDictionary::bytes)
                            .sum();
            boolean whole = light > memoryBytes / 2;
            Optional<ServiceDictionary> oldest = leastRecentlyUsed(!whole);
            // What one service needs at this moment must stay, even above the budget.
            if (oldest.isEmpty() || oldest.get().lastUse() >= clock.get()) {
                return;
            }
            if (whole) {
                oldest.get().unload();
            } else {
                oldest.get().release();
            }
            long left = memoryBytes();
            if (left >= bytes) {
                // Somebody else has just read another one, and will look in turn.
                return;
            }
            bytes = left;
        }
    }

    private Optional<ServiceDictionary> leastRecentlyUsed(boolean loaded) {
        return services.values().stream()
                .filter(service -> service.bytes() > 0 && service.isLoaded() == loaded)
                .min(Comparator.comparingLong(ServiceDictionary::lastUse));
    }

    /** Joins pieces that single writes have added, of all services that were written to. */
    public void join() {
        services.values()
                .forEach(service -> {
                    service.join(engine);
                    evict();
                });
    }

    /** Memory that is taken by what is loaded, in bytes. */
    public long memoryBytes() {
        return services.values().stream().mapToLong(ServiceDictionary::bytes).sum();
    }

    /** How often one was read from the engine. */
    public long loads() {
        return loads.get();
    }

    /** How much is stored for a service. */
    public DictionarySize stored(View view, int tenant, int service) {
        long bytes = 0;
        Map<Integer, Counts> epochs = new HashMap<>();
        try (Cursor cursor = view.scan(Family.DICTIONARY)) {
            cursor.seek(prefix(tenant, service), after(tenant, service));
            while (cursor.next()) {
                byte[] value = cursor.value();
                bytes += cursor.key().length + (long) value.length;
                try {
                    epochs.put(u32(cursor.key(), EPOCH_AT), DictionaryCodec.until(value));
                } catch (CorruptValueException e) {
                    onCorrupt.accept(
                            "a piece of the dictionary of service "
                                    + service
                                    + ": "
                                    + e.getMessage());
                }
            }
        }
        long nodes = epochs.values().stream().mapToLong(Counts::nodes).sum();
        long stacks = epochs.values().stream().mapToLong(Counts::stacks).sum();
        return new DictionarySize(bytes, nodes, stacks);
    }

    /** Removes the dictionary of a service from the engine. The caller holds its lock. */
    public void remove(int tenant, int service) {
        engine.dropRange(Family.DICTIONARY, prefix(tenant, service), after(tenant, service));
        engine.dropRange(Family.META, begunKey(tenant, service, 0), begunKey(tenant, service, -1));
        of(tenant, service).unload();
    }

    /**
     * Removes the epochs of a service that are over since before an instant: nothing that started
     * later refers to them, but for clocks that are ahead. The caller holds its lock.
     */
    public void removeEpochsOver(int tenant, int service, long beforeNanos) {
        ServiceDictionary dictionary = of(tenant, service);
        int newest = dictionary.epoch();
        for (int epoch = oldestEpoch(tenant, service); epoch < newest; epoch++) {
            long over = begun(tenant, service, epoch + 1);
            if (over == 0 || over + CLOCKS_AHEAD_NANOS > beforeNanos) {
                return;
            }
            engine.dropRange(
                    Family.DICTIONARY,
                    key(tenant, service, epoch, 0),
                    key(tenant, service, epoch + 1, 0));
            engine.write(new Batch().delete(Family.META, begunKey(tenant, service, epoch)));
            dictionary.forget(epoch);
        }
    }

    private int oldestEpoch(int tenant, int service) {
        try (Cursor cursor = engine.scan(Family.DICTIONARY)) {
            cursor.seek(prefix(tenant, service), after(tenant, service));
            return cursor.next() ? u32(cursor.key(), EPOCH_AT) : 0;
        }
    }

    private static byte[] begunKey(int tenant, int service, int epoch) {
        return new ByteWriter(13).u8(BEGUN).u32(tenant).u32(service).u32(epoch).toArray();
    }

    /** Puts into a batch when an epoch began. */
    void stageBegun(Batch batch, int tenant, int service, int epoch, long nanos) {
        batch.put(
                Family.META,
                begunKey(tenant, service, epoch),
                new ByteWriter(8).u64(nanos).toArray());
    }

    /** When an epoch began, nanoseconds since 1970; 0 when that is not known. */
    long begun(int tenant, int service, int epoch) {
        byte[] stored = engine.get(Family.META, begunKey(tenant, service, epoch));
        return stored == null ? 0 : new ByteReader(stored, 0, stored.length).u64();
    }

    boolean isOverBudget() {
        return memoryBytes() > memoryBytes;
    }

    static byte[] prefix(int tenant, int service) {
        return new ByteWriter(8).u32(tenant).u32(service).toArray();
    }

    /** The first key behind a service. */
    static byte[] after(int tenant, int service) {
        return new ByteWriter(16).u32(tenant).u32(service).u64(-1).u8(0).toArray();
    }

    static byte[] key(int tenant, int service, int epoch, int sequence) {
        return new ByteWriter(16).u32(tenant).u32(service).u32(epoch).u32(sequence).toArray();
    }

    ZstdPool zstd() {
        return zstd;
    }

    Dictionary empty() {
        return new Dictionary(nodeCap, textCap);
    }

    /** The newest epoch of a service; -1 when it has none. */
    int newestEpoch(int tenant, int service) {
        int newest = -1;
        try (Cursor cursor = engine.scan(Family.DICTIONARY)) {
            cursor.seek(prefix(tenant, service), after(tenant, service));
            while (cursor.next()) {
                newest = u32(cursor.key(), EPOCH_AT);
                cursor.seek(key(tenant, service, newest + 1, 0), after(tenant, service));
            }
        }
        return newest;
    }

    LoadedEpoch load(int tenant, int service, int epoch) {
        loads.incrementAndGet();
        Dictionary dictionary = empty();
        boolean whole = true;
        int next = 0;
        List<PlacedPiece> pieces = new ArrayList<>();
        Map<Integer, byte[]> values = new LinkedHashMap<>();
        try (Cursor cursor = engine.scan(Family.DICTIONARY)) {
            cursor.seek(key(tenant, service, epoch, 0), key(tenant, service, epoch + 1, 0));
            while (cursor.next()) {
                values.put(u32(cursor.key(), EPOCH_AT + 4), cursor.value());
            }
        }
        dictionary.reserve(expected(values.values()));
        for (Map.Entry<Integer, byte[]> each : values.entrySet()) {
            next = each.getKey() + 1;
            byte[] value = each.getValue();
            try {
                whole &= DictionaryCodec.decode(value, dictionary, zstd);
                pieces.add(
                        new PlacedPiece(each.getKey(), DictionaryCodec.from(value), value.length));
            } catch (CorruptValueException e) {
                whole = false;
                onCorrupt.accept(
                        "a piece of the dictionary of service "
                                + service
                                + " of tenant "
                                + tenant
                                + ": "
                                + e.getMessage());
            }
        }
        dictionary.publish();
        return new LoadedEpoch(epoch, dictionary, next, pieces, whole);
    }

    /** How much there will be of everything, going by the last piece. A lie costs little. */
    private static Counts expected(Collection<byte[]> pieces) {
        long bytes = 0;
        Counts last = Counts.NONE;
        for (byte[] piece : pieces) {
            bytes += piece.length;
            last = until(piece, last);
        }
        int most = (int) Math.min(1 << 20, bytes * ENTRIES_PER_BYTE);
        return new Counts(
                Math.min(most, last.strings()),
                Math.min(most, last.functions()),
                Math.min(most, last.frames()),
                Math.min(most, last.nodes()),
                Math.min(most, last.stacks()));
    }

    private static Counts until(byte[] piece, Counts before) {
        try {
            return DictionaryCodec.until(piece);
        } catch (CorruptValueException e) {
            // Told when it is decoded.
            return before;
        }
    }

    private static int u32(byte[] key, int at) {
        return (key[at] & 0xFF) << 24
                | (key[at + 1] & 0xFF) << 16
                | (key[at + 2] & 0xFF) << 8
                | (key[at + 3] & 0xFF);
    }
}
