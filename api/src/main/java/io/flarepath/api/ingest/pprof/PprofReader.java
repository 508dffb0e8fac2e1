package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.TextPool;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;

/**
 * Reads {@code perftools.profiles.Profile} (github.com/google/pprof, proto/profile.proto) field by
 * field into columns, in one pass over a stream. References are only noted: in a pprof the samples
 * stand before what they refer to.
 */
final class PprofReader {
    private static final int MOST_SAMPLE_TYPES = 64;

    /** Labels of one sample (Pyroscope: max-profile-stacktrace-sample-labels). */
    private static final int MOST_LABELS = 100;

    /** Columns that have grown further are not kept for the next pprof. */
    private static final long KEPT_BYTES = 4 << 20;

    private final FieldReader in = new FieldReader(InputStream.nullInputStream());
    private final StackRules rules;
    private final PprofData data;
    private final long[] numbers = new long[64];
    private int[] stack = new int[256];
    private final long[] values = new long[MOST_SAMPLE_TYPES];
    private int valueCount;
    private final int[] labels = new int[2 * MOST_LABELS];
    private int labelStrings;

    /** A reader of one pprof after the other. */
    PprofReader(StackRules rules, TextPool texts) {
        this.rules = rules;
        this.data = new PprofData(texts);
    }

    /**
     * Reads to the end of the stream.
     *
     * @return what holds until {@link #clear}
     * @throws ApiError 422 for what is not a pprof
     */
    PprofData read(InputStream stream, UploadMemory memory) throws IOException {
        data.begin(memory);
        in.restart(stream);
        try {
            readProfile();
        } catch (FieldReader.Damaged e) {
            throw ApiError.unreadable(
                    "the pprof is cut or damaged at byte " + in.position() + ": " + e.getMessage());
        }
        return data;
    }

    /** Forgets what was read, however far that went. */
    void clear() {
        in.restart(InputStream.nullInputStream());
        data.clear();
    }

    /** Whether it is worth its memory until the next pprof comes. */
    boolean isWorthKeeping() {
        return data.bytes() <= KEPT_BYTES;
    }

    private void readProfile() throws IOException {
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x0a -> readSampleType();
                case 0x12 -> readSample();
                case 0x1a -> readMapping();
                case 0x22 -> readLocation();
                case 0x2a -> readFunction();
                case 0x32 -> readString();
                case 0x48 -> data.timeNanos = in.varint();
                case 0x50 -> data.durationNanos = in.varint();
                case 0x5a -> readPeriodType();
                case 0x60 -> data.period = in.varint();
                default -> skipUnknown(tag);
            }
        }
    }

    /** Fields of later versions and of no use here: drop_frames, keep_frames, comments. */
    private void skipUnknown(int tag) throws IOException {
        int field = tag >>> 3;
        if (field <= 14 && field != 7 && field != 8 && field != 13 && field != 14) {
            throw ApiError.unreadable(
                    "field "
                            + field
                            + " of the pprof has wire type "
                            + (tag & 7)
                            + ", which it never has: this is no pprof");
        }
        in.skip(tag);
    }

    private void readSampleType() throws IOException {
        if (data.sampleTypes.size() >= 2 * MOST_SAMPLE_TYPES) {
            throw ApiError.unreadable(
                    "the pprof has more than " + MOST_SAMPLE_TYPES + " sample types");
        }
        long[] typeAndUnit = readValueType();
        data.sampleTypes.add(typeAndUnit[0]);
        data.sampleTypes.add(typeAndUnit[1]);
    }

    private void readPeriodType() throws IOException {
        long[] typeAndUnit = readValueType();
        data.periodTypeString = typeAndUnit[0];
        data.periodUnitString = typeAndUnit[1];
    }

    private long[] readValueType() throws IOException {
        long[] typeAndUnit = new long[2];
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> typeAndUnit[0] = in.varint();
                case 0x10 -> typeAndUnit[1] = in.varint();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        return typeAndUnit;
    }

    private void readSample() throws IOException {
        int depth = 0;
        valueCount = 0;
        labelStrings = 0;
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x0a -> depth = readPackedLocations(depth);
                case 0x08 -> addLocation(depth++, in.varint());
                case 0x12 -> readPackedValues();
                case 0x10 -> addValue(in.varint());
                case 0x1a -> readLabel();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        rules.check(depth);
        checkValueCount(valueCount);
        data.add(stack, depth, values, valueCount, labels, labelStrings);
    }

    private void readLabel() throws IOException {
        long name = 0;
        long text = 0;
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> name = in.varint();
                case 0x10 -> text = in.varint();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        if (text == 0 || labelStrings == labels.length) {
            data.otherLabels++;
            return;
        }
        labels[labelStrings++] = (int) stringReference(name);
        labels[labelStrings++] = (int) stringReference(text);
    }

    private int readPackedLocations(int before) throws IOException {
        int depth = before;
        long outer = in.enter();
        for (int read = in.varints(numbers); read > 0; read = in.varints(numbers)) {
            for (int i = 0; i < read; i++) {
                addLocation(depth++, numbers[i]);
            }
        }
        in.leave(outer);
        return depth;
    }

    /** What is too deep is only counted: the message names the depth. */
    private void addLocation(int place, long id) {
        if (id == 0) {
            throw ApiError.unreadable("a sample of the pprof refers to location 0, which never is");
        }
        if (place < rules.refused()) {
            if (place == stack.length) {
                stack = Arrays.copyOf(stack, 2 * place);
            }
            stack[place] = data.locationIds.index(id);
        }
    }

    private void readPackedValues() throws IOException {
        long outer = in.enter();
        while (!in.atEnd()) {
            addValue(in.varint());
        }
        in.leave(outer);
    }

    private void addValue(long value) {
        if (valueCount == MOST_SAMPLE_TYPES) {
            throw ApiError.unreadable(
                    "a sample of the pprof has more than " + MOST_SAMPLE_TYPES + " values");
        }
        values[valueCount++] = value;
    }

    private void checkValueCount(int count) {
        if (data.valuesPerSample < 0) {
            data.valuesPerSample = count;
        }
        if (data.valuesPerSample != count) {
            throw ApiError.unreadable(
                    "samples of the pprof differ in their number of values: "
                            + data.valuesPerSample
                            + " and "
                            + count);
        }
    }

    private void readMapping() throws IOException {
        long id = 0;
        long start = 0;
        long offset = 0;
        long file = 0;
        long buildId = 0;
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> id = in.varint();
                case 0x10 -> start = in.varint();
                case 0x20 -> offset = in.varint();
                case 0x28 -> file = in.varint();
                case 0x30 -> buildId = in.varint();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        int index = define("mapping", data.mappingIds, data.mappingFile, id);
        data.mappingFile.set(index, stringReference(file) + 1);
        data.mappingBuildId.set(index, stringReference(buildId));
        data.mappingStart.set(index, start);
        data.mappingOffset.set(index, offset);
    }

    private void readLocation() throws IOException {
        long id = 0;
        long mapping = 0;
        long address = 0;
        int firstLine = data.lineFunction.size();
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> id = in.varint();
                case 0x10 -> mapping = in.varint();
                case 0x18 -> address = in.varint();
                case 0x22 -> readLine();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        int index = define("location", data.locationIds, data.locationDefined, id);
        data.locationDefined.set(index, firstLine + 1L);
        data.locationLineCount.set(index, data.lineFunction.size() - (long) firstLine);
        data.locationAddress.set(index, address);
        data.locationMapping.set(index, mapping == 0 ? 0 : data.mappingIds.index(mapping) + 1L);
    }

    private void readLine() throws IOException {
        long function = 0;
        long number = 0;
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> function = in.varint();
                case 0x10 -> number = in.varint();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        if (function == 0) {
            throw ApiError.unreadable("a line of the pprof refers to function 0, which never is");
        }
        data.lineFunction.add(data.functionIds.index(function));
        data.lineNumber.add(number);
    }

    private void readFunction() throws IOException {
        long id = 0;
        long name = 0;
        long systemName = 0;
        long file = 0;
        long start = 0;
        long outer = in.enter();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 0x08 -> id = in.varint();
                case 0x10 -> name = in.varint();
                case 0x18 -> systemName = in.varint();
                case 0x20 -> file = in.varint();
                case 0x28 -> start = in.varint();
                default -> in.skip(tag);
            }
        }
        in.leave(outer);
        int index = define("function", data.functionIds, data.functionName, id);
        data.functionName.set(index, stringReference(name) + 1);
        data.functionSystemName.set(index, stringReference(systemName));
        data.functionFile.set(index, stringReference(file));
        data.functionStart.set(index, start);
    }

    private static int define(String what, IdTable ids, LongColumn defined, long id) {
        if (id == 0) {
            throw ApiError.unreadable("a " + what + " of the pprof has the id 0, which never is");
        }
        int index = ids.index(id);
        if (defined.getOrZero(index) != 0) {
            throw ApiError.unreadable(
                    what + " " + Long.toUnsignedString(id) + " of the pprof is defined twice");
        }
        return index;
    }

    /**
     * The end of the string table is not known yet; here only what can never be in it is refused.
     */
    private static long stringReference(long index) {
        if (index < 0 || index > Integer.MAX_VALUE) {
            throw ApiError.unreadable(
                    "the pprof refers to string " + index + ", which lies outside every table");
        }
        return index;
    }

    private void readString() throws IOException {
        int size = in.length();
        if (data.strings.size() == 0 && size > 0) {
            throw ApiError.unreadable("string 0 of the pprof is not empty, which it always is");
        }
        try {
            if (in.inWindow(size)) {
                data.strings.add(in.window(), in.windowPlace(size), size);
            } else {
                data.strings.add(in.copied(size), 0, size);
            }
        } catch (CharacterCodingException e) {
            throw ApiError.unreadable(
                    "string " + data.strings.size() + " of the pprof is not valid UTF-8");
        }
    }
}
