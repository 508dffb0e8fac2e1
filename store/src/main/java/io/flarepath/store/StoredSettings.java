package io.flarepath.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.ArrayList;
import java.util.List;

/** Settings beside the numbers of tenants, under a prefix of their own. */
final class StoredSettings implements SettingStore {
    private static final char PREFIX = 'c';
    private static final int TIME_BYTES = 8;

    /** No byte of UTF-8. */
    private static final int AFTER_NAMES = 0xff;

    private final Engine engine;
    private final Runnable beforeWrite;
    private final boolean syncs;

    /**
     * Settings in an engine.
     *
     * @param beforeWrite throws when there is no room
     * @param syncs whether a write waits for the disk
     */
    StoredSettings(Engine engine, Runnable beforeWrite, boolean syncs) {
        this.engine = engine;
        this.beforeWrite = beforeWrite;
        this.syncs = syncs;
    }

    private static byte[] key(String tenant, String name) {
        byte[] text = name.getBytes(UTF_8);
        return tenantKey(tenant).bytes(text, 0, text.length).toArray();
    }

    private static ByteWriter tenantKey(String tenant) {
        return new ByteWriter(64).u8(PREFIX).text(tenant);
    }

    @Override
    public List<Setting> list(String tenant) {
        byte[] from = tenantKey(tenant).toArray();
        List<Setting> settings = new ArrayList<>();
        try (Cursor cursor = engine.scan(Family.META)) {
            cursor.seek(from, tenantKey(tenant).u8(AFTER_NAMES).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] value = cursor.value();
                settings.add(
                        new Setting(
                                new String(key, from.length, key.length - from.length, UTF_8),
                                new String(value, TIME_BYTES, value.length - TIME_BYTES, UTF_8),
                                new ByteReader(value, 0, value.length).u64()));
            }
        }
        return settings;
    }

    @Override
    public synchronized boolean put(String tenant, Setting setting) {
        byte[] value = setting.value().getBytes(UTF_8);
        int nameBytes = setting.name().getBytes(UTF_8).length;
        if (nameBytes == 0 || nameBytes > NAME_BYTES || value.length > VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "a setting has a name of 1 to %d bytes and a value of at most %d, not %d and %d"
                            .formatted(NAME_BYTES, VALUE_BYTES, nameBytes, value.length));
        }
        byte[] key = key(tenant, setting.name());
        if (engine.get(Family.META, key) == null && list(tenant).size() >= MOST) {
            return false;
        }
        beforeWrite.run();
        byte[] stored =
                new ByteWriter(TIME_BYTES + value.length)
                        .u64(setting.modifiedMillis())
                        .bytes(value, 0, value.length)
                        .toArray();
        write(new Batch().put(Family.META, key, stored));
        return true;
    }

    @Override
    public synchronized boolean remove(String tenant, String name) {
        byte[] key = key(tenant, name);
        if (engine.get(Family.META, key) == null) {
            return false;
        }
        write(new Batch().delete(Family.META, key));
        return true;
    }

    private void write(Batch batch) {
        engine.write(batch);
        if (syncs) {
            engine.sync();
        }
    }
}
