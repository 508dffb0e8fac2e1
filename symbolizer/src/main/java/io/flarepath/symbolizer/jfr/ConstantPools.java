package io.flarepath.symbolizer.jfr;

import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The pooled values of one chunk. Of the types that we read it keeps where each value lies; a value
 * is read when it is asked for, the names of it once.
 */
final class ConstantPools {
    /** Types of which values are kept. */
    enum Pool {
        TEXT("java.lang.String"),
        SYMBOL("jdk.types.Symbol"),
        CLASS("java.lang.Class"),
        METHOD("jdk.types.Method"),
        STACK_TRACE("jdk.types.StackTrace"),
        FRAME_TYPE("jdk.types.FrameType"),
        THREAD_STATE("jdk.types.ThreadState"),
        THREAD("java.lang.Thread");

        private final String type;

        Pool(String type) {
            this.type = type;
        }

        static @Nullable Pool of(String type) {
            for (Pool pool : values()) {
                if (pool.type.equals(type)) {
                    return pool;
                }
            }
            return null;
        }
    }

    private final ChunkHeader chunk;
    private final Metadata metadata;
    private final RecordingCursor cursor;
    private final ValueReader reader;
    private final LongConsumer memory;
    private final Map<Pool, Values> pools = new EnumMap<>(Pool.class);
    private final Map<Long, String> texts = new HashMap<>();
    private final Map<Long, String> symbols = new HashMap<>();

    /** Pools of which values are read through a cursor of their own, since reads jump. */
    ConstantPools(
            ChunkHeader chunk, Metadata metadata, RecordingCursor cursor, LongConsumer memory) {
        this.chunk = chunk;
        this.metadata = metadata;
        this.cursor = cursor;
        this.memory = memory;
        this.reader = new ValueReader(cursor, metadata, this::text);
    }

    /** Where the values of a type lie, by their key. */
    private record Values(TypeLayout type, KeyIndex places) {}

    /**
     * Notes the values of a checkpoint event (jdk.jfr.internal.consumer.ChunkParser).
     *
     * @param at behind the event's size and type
     */
    void checkpoint(RecordingCursor at) throws IOException {
        ValueReader skipper = new ValueReader(at, metadata, key -> null);
        at.longNumber();
        at.longNumber();
        at.longNumber();
        at.u1();
        for (int pools = at.count("pools"); pools > 0; pools--) {
            TypeLayout type = metadata.known(at.longNumber());
            Pool pool = Pool.of(type.name());
            KeyIndex places = pool == null ? null : placesOf(pool, type);
            for (int values = at.count("pooled values"); values > 0; values--) {
                long key = at.longNumber();
                if (places != null) {
                    places.put(key, at.position());
                }
                skipper.skip(type);
            }
        }
    }

    private KeyIndex placesOf(Pool pool, TypeLayout type) {
        return pools.computeIfAbsent(pool, p -> new Values(type, new KeyIndex(memory))).places();
    }

    /** Goes to a value; null when there is none, else its type. */
    private @Nullable TypeLayout find(Pool pool, long key) throws IOException {
        Values values = pools.get(pool);
        long place = values == null ? -1 : values.places().get(key);
        if (values == null || place < 0) {
            return null;
        }
        cursor.seek(place, chunk.end());
        return values.type();
    }

    /** Reads a value; false when there is none. */
    boolean read(Pool pool, long key, FieldValues into) throws IOException {
        TypeLayout type = find(pool, key);
        if (type == null) {
            return false;
        }
        reader.read(type, into);
        return true;
    }

    /** What a stack trace says of itself. */
    enum StackEnd {
        ABSENT,
        COMPLETE,
        TRUNCATED
    }

    /** Hands over the frames of a stack trace, leaf first. */
    StackEnd stackTrace(long key, FieldValues scratch, ValueReader.ElementSink frames)
            throws IOException {
        TypeLayout type = find(Pool.STACK_TRACE, key);
        if (type == null) {
            return StackEnd.ABSENT;
        }
        return reader.stackTrace(type, scratch, frames) ? StackEnd.TRUNCATED : StackEnd.COMPLETE;
    }

    /** A pooled text, or null. */
    @Nullable String text(long key) throws IOException {
        String known = texts.get(key);
        if (known != null) {
            return known;
        }
        long back = cursor.position();
        long end = back + cursor.left();
        if (find(Pool.TEXT, key) == null) {
            return null;
        }
        // One that refers to another one is nothing that a JVM writes; it could refer to itself.
        String text = cursor.text(other -> null);
        cursor.seek(back, end);
        if (text != null) {
            memory.accept(100 + 2L * text.length());
            texts.put(key, text);
        }
        return text;
    }

    /** A symbol, empty when there is none. */
    String symbol(long key) throws IOException {
        String known = symbols.get(key);
        if (known != null) {
            return known;
        }
        FieldValues values = new FieldValues();
        String text = read(Pool.SYMBOL, key, values) ? values.text(FieldSlot.STRING) : "";
        memory.accept(100 + 2L * text.length());
        symbols.put(key, text);
        return text;
    }

    /** The name of a class with slashes, empty when there is none. */
    String className(long key) throws IOException {
        FieldValues values = new FieldValues();
        return read(Pool.CLASS, key, values) ? symbol(values.number(FieldSlot.NAME)) : "";
    }
}
