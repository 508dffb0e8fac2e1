package io.flarepath.symbolizer.jfr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Reads one chunk, twice: first its pools and settings, which may lie behind the events that refer
 * to them, then the events.
 */
final class ChunkReader {
    private static final long METADATA = 0;
    private static final long CHECKPOINT = 1;
    private static final int MOST_SETTINGS = 16_384;
    private static final String SLEEPING = "STATE_SLEEPING";
    private static final String RUNNABLE = "STATE_RUNNABLE";

    private final ChunkHeader chunk;
    private final RecordingCursor cursor;
    private final Metadata metadata;
    private final ConstantPools pools;
    private final ChunkStacks stacks;
    private final RecordingThreads threads;
    private final RecordingSettings settings;
    private final ValueReader reader;
    private final Consumer<RecordedSample> sink;
    private final SortedMap<String, Long> ignored;
    private final Map<Long, EventType> types = new HashMap<>();
    private final Map<Long, Integer> threadNumbers = new HashMap<>();
    private final Map<Long, String> states = new HashMap<>();
    private final LongConsumer memory;
    private final FieldValues values = new FieldValues();

    ChunkReader(
            ChunkHeader chunk,
            RecordingCursor cursor,
            RecordingCursor poolCursor,
            Recorded recorded,
            Consumer<RecordedSample> sink)
            throws IOException {
        this.chunk = chunk;
        this.cursor = cursor;
        this.memory = recorded.memory();
        this.threads = recorded.threads();
        this.settings = recorded.settings();
        this.ignored = recorded.ignored();
        this.sink = sink;
        cursor.compressed(chunk.compressed());
        poolCursor.compressed(chunk.compressed());
        this.metadata = Metadata.read(cursor, chunk, memory);
        this.pools = new ConstantPools(chunk, metadata, poolCursor, memory);
        this.stacks = new ChunkStacks(pools, recorded.stacks(), memory);
        this.reader = new ValueReader(cursor, metadata, pools::text);
    }

    /**
     * What outlasts a chunk.
     *
     * @param memory hears of what the chunk itself takes, until its end
     */
    record Recorded(
            RecordedStacks stacks,
            RecordingThreads threads,
            RecordingSettings settings,
            SortedMap<String, Long> ignored,
            LongConsumer memory) {}

    @FunctionalInterface
    private interface EventTaker {
        /** Reads an event of a type from the cursor, which stands behind the event's type. */
        void take(long type) throws IOException;
    }

    void read() throws IOException {
        List<Long> settingPlaces = new ArrayList<>();
        forEachEvent(type -> {
            if (type == CHECKPOINT) {
                pools.checkpoint(cursor);
            } else if (type != METADATA
                    && eventType(type).layout().name().equals("jdk.ActiveSetting")
                    && settingPlaces.size() < MOST_SETTINGS) {
                settingPlaces.add(cursor.position());
            }
        });
        for (long place : settingPlaces) {
            takeSetting(place);
        }
        forEachEvent(type -> {
            if (type != METADATA && type != CHECKPOINT) {
                takeEvent(eventType(type));
            }
        });
    }

    private void forEachEvent(EventTaker taker) throws IOException {
        long at = chunk.start() + ChunkHeader.BYTES;
        while (at < chunk.end()) {
            cursor.seek(at, chunk.end());
            int size = cursor.intNumber();
            if (size < 1 || size > chunk.end() - at) {
                throw new MalformedRecordingException(
                        "the event at byte "
                                + at
                                + " says that it has "
                                + size
                                + " bytes, its chunk has "
                                + (chunk.end() - at)
                                + " left");
            }
            cursor.seek(cursor.position(), at + size);
            taker.take(cursor.longNumber());
            at += size;
        }
    }

    private EventType eventType(long id) throws MalformedRecordingException {
        EventType type = types.get(id);
        if (type == null) {
            type = EventType.of(metadata.known(id));
            types.put(id, type);
        }
        return type;
    }

    private void takeSetting(long place) throws IOException {
        for (EventType type : types.values()) {
            if (type.layout().name().equals("jdk.ActiveSetting")) {
                cursor.seek(place, chunk.end());
                reader.read(type.layout(), values);
                TypeLayout of = metadata.type(values.number(FieldSlot.ID));
                settings.take(
                        values.text(FieldSlot.NAME),
                        values.text(FieldSlot.VALUE),
                        of != null && of.name().equals("jdk.ExecutionSample"));
                return;
            }
        }
    }

    private void takeEvent(EventType type) throws IOException {
        EventType.Source source = type.source();
        if (source == null) {
            if (type.hasStack()) {
                ignored.merge(type.layout().name(), 1L, Long::sum);
            }
            return;
        }
        reader.read(type.layout(), values);
        switch (source) {
            case EXECUTION -> executionSample();
            case CPU_TIME -> cpuTimeSample(type);
            case WALL -> wallSample();
            case IN_NEW_TLAB ->
                    emit(SampleKind.ALLOCATION_IN_NEW_TLAB, 1, positive(FieldSlot.TLAB_SIZE));
            case OUTSIDE_TLAB ->
                    emit(
                            SampleKind.ALLOCATION_OUTSIDE_TLAB,
                            1,
                            positive(FieldSlot.ALLOCATION_SIZE));
            case ALLOCATION -> emit(SampleKind.ALLOCATION_SAMPLE, 1, positive(FieldSlot.WEIGHT));
            case LIVE -> emit(SampleKind.LIVE_OBJECT, 1, positive(FieldSlot.ALLOCATION_SIZE));
            case MONITOR -> emit(SampleKind.MONITOR, 1, span(type, FieldSlot.DURATION));
            case PARK -> emit(SampleKind.PARK, 1, span(type, FieldSlot.DURATION));
            case MALLOC -> emit(SampleKind.MALLOC, 1, positive(FieldSlot.SIZE));
            case OLD_OBJECT -> emit(SampleKind.OLD_OBJECT, 1, positive(FieldSlot.OBJECT_SIZE));
            case FILE -> emit(SampleKind.FILE, 1, span(type, FieldSlot.DURATION));
            case SOCKET -> emit(SampleKind.SOCKET, 1, span(type, FieldSlot.DURATION));
            case PINNED -> emit(SampleKind.PINNED, 1, span(type, FieldSlot.DURATION));
            case TRACED -> emit(SampleKind.TRACED, 1, span(type, FieldSlot.DURATION));
            case SYSTEM_GC -> emit(SampleKind.SYSTEM_GC, 1, span(type, FieldSlot.DURATION));
            case EXCEPTION -> emit(SampleKind.EXCEPTION, 1, 0);
        }
    }

    private void executionSample() throws IOException {
        String state = state();
        if (settings.isWall()) {
            emit(SampleKind.WALL, 1, settings.wallNanos());
        }
        if (!state.isEmpty() && !state.equals(SLEEPING)) {
            emit(SampleKind.CPU, 1, settings.executionNanos());
        }
    }

    private void cpuTimeSample(EventType type) throws IOException {
        emit(SampleKind.CPU_TIME, 1, span(type, FieldSlot.SAMPLING_PERIOD));
    }

    private void wallSample() throws IOException {
        long samples = values.has(FieldSlot.SAMPLES) ? positive(FieldSlot.SAMPLES) : 1;
        long nanos = product(samples, settings.wallNanos());
        emit(SampleKind.WALL, samples, nanos);
        if (settings.isWall() && state().equals(RUNNABLE)) {
            emit(SampleKind.CPU, samples, nanos);
        }
    }

    private void emit(SampleKind kind, long count, long amount) throws IOException {
        if (count < 1) {
            return;
        }
        sink.accept(
                new RecordedSample(
                        kind,
                        stacks.stack(values.number(FieldSlot.STACK_TRACE)),
                        thread(),
                        chunk.unixNanos(values.number(FieldSlot.START_TIME)),
                        count,
                        amount,
                        values.number(FieldSlot.CONTEXT_ID),
                        values.number(FieldSlot.SPAN_ID),
                        values.number(FieldSlot.TRACE_ID_HIGH),
                        values.number(FieldSlot.TRACE_ID_LOW)));
    }

    private long positive(FieldSlot slot) throws MalformedRecordingException {
        long value = values.number(slot);
        if (value < 0) {
            throw new MalformedRecordingException("an event has " + value + " as its " + slot);
        }
        return value;
    }

    /** A time span in nanoseconds. */
    private long span(EventType type, FieldSlot slot) throws MalformedRecordingException {
        long value = values.number(slot);
        if (value < 0) {
            return 0;
        }
        return switch (type.unit()) {
            case "TICKS" -> chunk.nanos(value);
            case "NANOSECONDS" -> value;
            case "MICROSECONDS" -> product(value, 1_000);
            case "MILLISECONDS" -> product(value, 1_000_000);
            case "SECONDS" -> product(value, 1_000_000_000L);
            default ->
                    throw new MalformedRecordingException(
                            "the unit of time " + type.unit() + " is not known");
        };
    }

    private static long product(long a, long b) throws MalformedRecordingException {
        if (Math.multiplyHigh(a, b) != 0 || a * b < 0) {
            throw new MalformedRecordingException("an event lasts " + a + " times " + b + " ns");
        }
        return a * b;
    }

    private String state() throws IOException {
        long key = values.number(FieldSlot.STATE);
        String state = states.get(key);
        if (state == null) {
            FieldValues of = new FieldValues();
            boolean there = pools.read(ConstantPools.Pool.THREAD_STATE, key, of);
            state = there ? of.text(FieldSlot.NAME) : "";
            memory.accept(100 + 2L * state.length());
            states.put(key, state);
        }
        return state;
    }

    private int thread() throws IOException {
        long key =
                values.number(
                        values.has(FieldSlot.SAMPLED_THREAD)
                                ? FieldSlot.SAMPLED_THREAD
                                : FieldSlot.THREAD);
        Integer number = threadNumbers.get(key);
        if (number == null) {
            FieldValues of = new FieldValues();
            boolean there = pools.read(ConstantPools.Pool.THREAD, key, of);
            String java = of.text(FieldSlot.JAVA_NAME);
            String name = java.isEmpty() ? of.text(FieldSlot.OS_NAME) : java;
            number =
                    threads.number(
                            there
                                    ? new RecordedThread(name, of.number(FieldSlot.OS_THREAD_ID))
                                    : new RecordedThread("", 0));
            memory.accept(80);
            threadNumbers.put(key, number);
        }
        return number;
    }
}
