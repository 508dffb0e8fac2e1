package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.SpanKey;
import io.flarepath.api.ingest.upload.SpanParts;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.store.profile.Labels;
import java.util.HashMap;
import java.util.Map;

/** The samples of a pprof that go into one series: values of every type by stack. */
final class SampleGroup {
    private static final int BYTES_A_ROW = 100;

    private final Labels labels;
    private final PprofData data;
    private final UploadMemory memory;
    private final int types;
    private final Map<Integer, Integer> rows = new HashMap<>();
    private final IntColumn stacks;
    private final LongColumn values;
    private final SpanParts<long[]> spans = new SpanParts<>();
    private final boolean whole;

    /** An empty group. */
    SampleGroup(Labels labels, PprofData data, UploadMemory memory) {
        this(labels, data, memory, false);
    }

    private SampleGroup(Labels labels, PprofData data, UploadMemory memory, boolean whole) {
        this.whole = whole;
        this.labels = labels;
        this.data = data;
        this.memory = memory;
        this.types = Math.max(0, data.valuesPerSample);
        Charged charged = new Charged();
        charged.begin(memory);
        this.stacks = new IntColumn(charged);
        this.values = new LongColumn(charged);
    }

    /** All samples of a pprof, none of which has labels. */
    static SampleGroup whole(Labels labels, PprofData data, UploadMemory memory) {
        return new SampleGroup(labels, data, memory, true);
    }

    /** Adds the values of a stack from a place of a column on. */
    void add(int stack, LongColumn from, int place, SpanKey span) {
        Integer row = rows.get(stack);
        if (row == null) {
            memory.charge(BYTES_A_ROW);
            row = stacks.size();
            rows.put(stack, row);
            stacks.add(stack);
        }
        long[] added = new long[types];
        for (int type = 0; type < types; type++) {
            added[type] = from.getOrZero(place + type);
            int at = row * types + type;
            values.set(at, PprofData.saturated(values.getOrZero(at), added[type]));
        }
        spans.add(span, row, added, SampleGroup::sum, memory);
    }

    private static long[] sum(long[] known, long[] added) {
        for (int type = 0; type < known.length; type++) {
            known[type] = PprofData.saturated(known[type], added[type]);
        }
        return known;
    }

    Labels labels() {
        return labels;
    }

    int rows() {
        return whole ? data.stacks.size() : stacks.size();
    }

    private int stack(int row) {
        return whole ? row : stacks.get(row);
    }

    /** How many locations the stack of a row has. */
    int depth(int row) {
        int stack = stack(row);
        return data.stacks.end(stack) - data.stacks.start(stack);
    }

    /** Copies the locations of the stack of a row, for which there must be room. */
    void copy(int row, int[] into) {
        data.stacks.copy(stack(row), into);
    }

    long value(int row, int type) {
        return (whole ? data.values : values).getOrZero(row * types + type);
    }

    /** What is known of single spans: by row, the values of every type. */
    SpanParts<long[]> spans() {
        return spans;
    }
}
