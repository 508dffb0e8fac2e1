package io.flarepath.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Files in a family of their own: what is known of them lies apart from what they hold. */
final class StoredProfileFiles implements ProfileFileStore {
    private static final int HEAD = 0;
    private static final int CONTENT = 1;

    /** No digit. */
    private static final int AFTER_IDS = 0xff;

    private final Engine engine;
    private final Runnable beforeWrite;
    private final boolean syncs;

    /**
     * Files in an engine.
     *
     * @param beforeWrite throws when there is no room
     * @param syncs whether a write waits for the disk
     */
    StoredProfileFiles(Engine engine, Runnable beforeWrite, boolean syncs) {
        this.engine = engine;
        this.beforeWrite = beforeWrite;
        this.syncs = syncs;
    }

    private static ByteWriter tenantKey(int part, String tenant) {
        return new ByteWriter(64).u8(part).text(tenant);
    }

    private static byte[] key(int part, String tenant, String id) {
        byte[] digits = id.getBytes(US_ASCII);
        return tenantKey(part, tenant).bytes(digits, 0, digits.length).toArray();
    }

    @Override
    public List<ProfileFile> list(String tenant) {
        byte[] from = tenantKey(HEAD, tenant).toArray();
        List<ProfileFile> files = new ArrayList<>();
        try (Cursor cursor = engine.scan(Family.PROFILE_FILES)) {
            cursor.seek(from, tenantKey(HEAD, tenant).u8(AFTER_IDS).toArray());
            while (cursor.next()) {
                byte[] key = cursor.key();
                String id = new String(key, from.length, key.length - from.length, US_ASCII);
                files.add(read(id, cursor.value()));
            }
        }
        Collections.reverse(files);
        return files;
    }

    private static ProfileFile read(String id, byte[] head) {
        ByteReader in = new ByteReader(head, 0, head.length);
        long millis = in.u64();
        long bytes = in.varint();
        return new ProfileFile(id, in.text(), millis, bytes);
    }

    @Override
    public Optional<ProfileFile> find(String tenant, String id) {
        byte[] head = engine.get(Family.PROFILE_FILES, key(HEAD, tenant, id));
        return head == null ? Optional.empty() : Optional.of(read(id, head));
    }

    @Override
    public Optional<byte[]> content(String tenant, String id) {
        return Optional.ofNullable(engine.get(Family.PROFILE_FILES, key(CONTENT, tenant, id)));
    }

    @Override
    public synchronized Optional<ProfileFile> put(
            String tenant, String name, long uploadedMillis, byte[] content, long mostBytes) {
        int nameBytes = name.getBytes(UTF_8).length;
        if (nameBytes == 0 || nameBytes > NAME_BYTES) {
            throw new IllegalArgumentException(
                    "a profile's name has 1 to %d bytes, not %d".formatted(NAME_BYTES, nameBytes));
        }
        List<ProfileFile> kept = list(tenant);
        long bytes = kept.stream().mapToLong(ProfileFile::bytes).sum();
        if (kept.size() >= MOST || content.length > mostBytes - bytes) {
            return Optional.empty();
        }
        beforeWrite.run();
        String id = "%012x%016x".formatted(uploadedMillis, ThreadLocalRandom.current().nextLong());
        byte[] head =
                new ByteWriter(32).u64(uploadedMillis).varint(content.length).text(name).toArray();
        write(
                new Batch()
                        .put(Family.PROFILE_FILES, key(HEAD, tenant, id), head)
                        .put(Family.PROFILE_FILES, key(CONTENT, tenant, id), content));
        return Optional.of(new ProfileFile(id, name, uploadedMillis, content.length));
    }

    @Override
    public synchronized boolean remove(String tenant, String id) {
        if (find(tenant, id).isEmpty()) {
            return false;
        }
        write(
                new Batch()
                        .delete(Family.PROFILE_FILES, key(HEAD, tenant, id))
                        .delete(Family.PROFILE_FILES, key(CONTENT, tenant, id)));
        return true;
    }

    private void write(Batch batch) {
        engine.write(batch);
        if (syncs) {
            engine.sync();
        }
    }
}
