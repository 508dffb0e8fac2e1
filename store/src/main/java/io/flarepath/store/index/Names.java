package io.flarepath.store.index;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Dense numbers of names: tenants, and per tenant services and types. A new name is stored by
 * itself before it is used, so that a number never means two names, whatever fails afterwards.
 */
final class Names {
    /** Key prefix within the meta family; the format version has 'v'. */
    static final char TENANT = 't';

    private static final int MAX_NAME_BYTES = 8192;

    private final Engine engine;
    private final char kind;
    private final int scope;
    private final Map<String, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, String> names = new ConcurrentHashMap<>();
    private int next;

    /** Reads the names of a kind; {@code scope} is the tenant, 0 for tenants. */
    Names(Engine engine, char kind, int scope) {
        this.engine = engine;
        this.kind = kind;
        this.scope = scope;
        try (Cursor cursor = engine.scan(Family.META)) {
            cursor.seek(prefix().toArray(), prefix().u64(-1).u64(-1).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] value = cursor.value();
                String name = new String(key, 5, key.length - 5, StandardCharsets.UTF_8);
                int id = new ByteReader(value, 0, value.length).u32();
                ids.put(name, id);
                names.put(id, name);
                next = Math.max(next, id + 1);
            }
        }
    }

    private ByteWriter prefix() {
        return new ByteWriter(32).u8(kind).u32(scope);
    }

    private byte[] key(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "a tenant, service name or profile type must have at most "
                            + MAX_NAME_BYTES
                            + " bytes, not "
                            + utf8.length);
        }
        return prefix().bytes(utf8, 0, utf8.length).toArray();
    }

    /**
     * Forgets names that nobody uses any more. The one with the highest number stays, so that its
     * number is not given again after a restart.
     */
    synchronized void retain(Set<String> used) {
        Batch batch = new Batch();
        List<String> unused = new ArrayList<>();
        ids.forEach((name, id) -> {
            if (id != next - 1 && !used.contains(name)) {
                unused.add(name);
                batch.delete(Family.META, key(name));
            }
        });
        engine.write(batch);
        unused.forEach(name -> {
            Integer id = ids.remove(name);
            if (id != null) {
                names.remove(id);
            }
        });
    }

    /** The number of a name, or -1. */
    int find(String name) {
        return ids.getOrDefault(name, -1);
    }

    /** The number of a name, which is stored when it is new. */
    int intern(String name) {
        Integer known = ids.get(name);
        return known != null ? known : add(name);
    }

    private synchronized int add(String name) {
        Integer known = ids.get(name);
        if (known != null) {
            return known;
        }
        int id = next;
        byte[] value = new ByteWriter(4).u32(id).toArray();
        engine.write(new Batch().put(Family.META, key(name), value));
        next++;
        names.put(id, name);
        ids.put(name, id);
        return id;
    }

    /** The name of a number; empty when there is none. */
    String name(int id) {
        return names.getOrDefault(id, "");
    }

    /** All names with their numbers. */
    Map<String, Integer> all() {
        return ids;
    }
}
