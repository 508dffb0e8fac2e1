package io.flarepath.store.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.StoreException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.RocksDbEngine;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinedPiecesTest {
    private static final int TENANT = 1;
    private static final int SERVICE = 2;

    @TempDir private Path directory;
    private final ZstdPool zstd = new ZstdPool();
    private final Random random = new Random(11);
    private final List<Profile> profiles = new ArrayList<>();
    private final List<int[]> numbers = new ArrayList<>();
    private Engine engine;
    private boolean refusing;

    @BeforeEach
    void open() {
        Engine rocks =
                RocksDbEngine.open(
                        directory.resolve("db"),
                        directory.resolve("native"),
                        8 << 20,
                        4 << 20,
                        false);
        engine =
                (Engine)
                        Proxy.newProxyInstance(
                                Engine.class.getClassLoader(),
                                new Class<?>[] {Engine.class},
                                (proxy, method, arguments) -> {
                                    if (refusing && method.getName().equals("write")) {
                                        throw new StoreException(
                                                StoreException.Reason.DISK, "full");
                                    }
                                    try {
                                        return method.invoke(rocks, arguments);
                                    } catch (InvocationTargetException e) {
                                        throw e.getCause();
                                    }
                                });
    }

    @AfterEach
    void close() {
        engine.close();
        zstd.close();
    }

    @Test
    void manyPiecesBecomeFewAndAllNumbersStay() {
        Dictionaries dictionaries = dictionaries();
        for (int i = 0; i < 300; i++) {
            write(dictionaries, profile());
            if (i % 7 == 6) {
                dictionaries.join();
            }
        }
        dictionaries.join();
        // Towards the front each is more than twice as long as all behind it, but for the last 16.
        assertThat(pieces()).hasSizeBetween(1, 30);
        assertSameNumbers(dictionaries);
        assertSameNumbers(dictionaries());
        // Those that were read again are joined with what is new.
        Dictionaries again = dictionaries();
        for (int i = 0; i < 40; i++) {
            write(again, profile());
        }
        assertThat(pieces()).hasSizeGreaterThan(30);
        again.join();
        assertThat(pieces()).hasSizeBetween(1, 30);
        assertSameNumbers(dictionaries());
    }

    @Test
    void aJoinThatIsNotWrittenChangesNothing() {
        Dictionaries dictionaries = dictionaries();
        for (int i = 0; i < 30; i++) {
            write(dictionaries, profile());
        }
        List<byte[]> before = pieces();
        refusing = true;
        assertThatThrownBy(dictionaries::join).isInstanceOf(StoreException.class);
        refusing = false;
        assertThat(pieces()).containsExactlyElementsOf(before);
        assertSameNumbers(dictionaries);
        write(dictionaries, profile());
        dictionaries.join();
        assertThat(pieces()).hasSizeLessThan(before.size());
        assertSameNumbers(dictionaries());
    }

    private Dictionaries dictionaries() {
        return new Dictionaries(
                engine,
                zstd,
                1_000_000,
                64 << 20,
                what -> {
                    throw new AssertionError(what);
                });
    }

    /** Of stacks that are partly new. */
    private Profile profile() {
        Profile.Builder builder =
                Profile.builder(Labels.of(Map.of("service_name", "s")), ProfileType.CPU)
                        .time(1, 10);
        int[] stack = new int[20];
        for (int i = 0; i <= random.nextInt(8); i++) {
            int depth = 1 + random.nextInt(stack.length);
            for (int at = 0; at < depth; at++) {
                stack[at] =
                        builder.frame(Frame.named("f" + random.nextInt(10 + 3 * profiles.size())));
            }
            builder.stack(stack, depth, 1);
        }
        return builder.build();
    }

    private void write(Dictionaries dictionaries, Profile profile) {
        ServiceDictionary service = dictionaries.of(TENANT, SERVICE);
        service.lock().lock();
        try {
            service.begin(1);
            numbers.add(service.intern(profile));
            profiles.add(profile);
            Batch batch = new Batch();
            service.stage(batch);
            engine.write(batch);
            service.committed();
        } finally {
            service.lock().unlock();
        }
    }

    private void assertSameNumbers(Dictionaries dictionaries) {
        ServiceDictionary service = dictionaries.of(TENANT, SERVICE);
        service.lock().lock();
        try {
            service.begin(1);
            for (int i = 0; i < profiles.size(); i++) {
                assertThat(service.intern(profiles.get(i))).containsExactly(numbers.get(i));
            }
        } finally {
            service.lock().unlock();
        }
    }

    private List<byte[]> pieces() {
        List<byte[]> pieces = new ArrayList<>();
        try (Cursor cursor = engine.scan(Family.DICTIONARY)) {
            cursor.seek(Dictionaries.prefix(TENANT, SERVICE), Dictionaries.after(TENANT, SERVICE));
            while (cursor.next()) {
                pieces.add(cursor.value());
            }
        }
        return pieces;
    }
}
