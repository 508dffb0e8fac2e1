package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.TextPool;
import io.flarepath.api.ingest.upload.UploadMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * A pprof as it was read, in columns. Numbers named {@code …String} are indices into {@link
 * #strings}; locations, functions and mappings have dense indices instead of their ids. The columns
 * are used again for the next pprof: to make them anew is a good part of what a small one costs.
 */
final class PprofData {
    private final Charged memory = new Charged();

    final PprofStrings strings;

    /** Type and unit of a sample type, alternating. */
    final List<Long> sampleTypes = new ArrayList<>();

    /** The stacks of the samples; those of equal stacks are one. */
    final StackTable stacks;

    /** As many a stack as there are sample types: the sums over its samples. */
    final LongColumn values;

    /** How many values the first sample has; -1 before it. */
    int valuesPerSample = -1;

    /** Sets of labels that samples have: strings of a name and of its value, alternating. */
    final StackTable labelSets;

    /** Which stack came with which set: the two numbers; not in {@link #values}. */
    final StackTable labelled;

    /** As many of each of them as there are sample types. */
    final LongColumn labelledValues;

    private final int[] pair = new int[2];

    long samples;

    /** Labels that are numbers, or more than a sample may have. */
    long otherLabels;

    /** Samples that were left out since one of their values is negative. */
    long negativeSamples;

    final IdTable locationIds;
    final LongColumn locationAddress;

    /** 1 + index of the mapping, 0 for none. */
    final LongColumn locationMapping;

    /** 1 + place of the first line; 0 for a location that was only referred to. */
    final LongColumn locationDefined;

    final LongColumn locationLineCount;
    final LongColumn lineFunction;
    final LongColumn lineNumber;

    final IdTable functionIds;

    /** 1 + string of the name; 0 for a function that was only referred to. */
    final LongColumn functionName;

    final LongColumn functionSystemName;
    final LongColumn functionFile;
    final LongColumn functionStart;

    final IdTable mappingIds;

    /** 1 + string of the file; 0 for a mapping that was only referred to. */
    final LongColumn mappingFile;

    final LongColumn mappingBuildId;
    final LongColumn mappingStart;
    final LongColumn mappingOffset;

    long periodTypeString;
    long periodUnitString;
    long period;
    long timeNanos;
    long durationNanos;

    /** An empty one, which needs {@link #begin}. */
    PprofData(TextPool texts) {
        strings = new PprofStrings(texts, memory);
        stacks = new StackTable(memory);
        values = new LongColumn(memory);
        labelSets = new StackTable(memory);
        labelled = new StackTable(memory);
        labelledValues = new LongColumn(memory);
        locationIds = new IdTable(memory);
        locationAddress = new LongColumn(memory);
        locationMapping = new LongColumn(memory);
        locationDefined = new LongColumn(memory);
        locationLineCount = new LongColumn(memory);
        lineFunction = new LongColumn(memory);
        lineNumber = new LongColumn(memory);
        functionIds = new IdTable(memory);
        functionName = new LongColumn(memory);
        functionSystemName = new LongColumn(memory);
        functionFile = new LongColumn(memory);
        functionStart = new LongColumn(memory);
        mappingIds = new IdTable(memory);
        mappingFile = new LongColumn(memory);
        mappingBuildId = new LongColumn(memory);
        mappingStart = new LongColumn(memory);
        mappingOffset = new LongColumn(memory);
    }

    /** From here on it is of another upload, which pays for the columns. */
    void begin(UploadMemory upload) {
        memory.begin(upload);
    }

    /** Takes everything out; the room of the columns stays. */
    void clear() {
        memory.end();
        strings.clear();
        sampleTypes.clear();
        valuesPerSample = -1;
        samples = 0;
        otherLabels = 0;
        negativeSamples = 0;
        periodTypeString = 0;
        periodUnitString = 0;
        period = 0;
        timeNanos = 0;
        durationNanos = 0;
        stacks.clear();
        values.clear();
        labelSets.clear();
        labelled.clear();
        labelledValues.clear();
        locationIds.clear();
        locationAddress.clear();
        locationMapping.clear();
        locationDefined.clear();
        locationLineCount.clear();
        lineFunction.clear();
        lineNumber.clear();
        functionIds.clear();
        functionName.clear();
        functionSystemName.clear();
        functionFile.clear();
        functionStart.clear();
        mappingIds.clear();
        mappingFile.clear();
        mappingBuildId.clear();
        mappingStart.clear();
        mappingOffset.clear();
    }

    /** Bytes that the columns have grown to. */
    long bytes() {
        return memory.bytes();
    }

    /**
     * Adds a sample. As Pyroscope does, one with any negative value is left out whole; what has no
     * value at all says nothing.
     */
    void add(
            int[] stack,
            int depth,
            long[] sampleValues,
            int count,
            int[] labels,
            int labelStrings) {
        samples++;
        long most = 0;
        for (int i = 0; i < count; i++) {
            if (sampleValues[i] < 0) {
                negativeSamples++;
                return;
            }
            most |= sampleValues[i];
        }
        if (most == 0) {
            return;
        }
        int index = stacks.index(stack, depth);
        if (labelStrings == 0) {
            addTo(values, index * count, sampleValues, count);
            return;
        }
        pair[0] = index;
        pair[1] = labelSets.index(labels, labelStrings);
        addTo(labelledValues, labelled.index(pair, 2) * count, sampleValues, count);
    }

    private static void addTo(LongColumn column, int first, long[] sampleValues, int count) {
        for (int i = first; i < first + count; i++) {
            column.set(i, saturated(column.getOrZero(i), sampleValues[i - first]));
        }
    }

    /** Sums beyond 2^63 stay there: a later check refuses what is far smaller. */
    static long saturated(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
