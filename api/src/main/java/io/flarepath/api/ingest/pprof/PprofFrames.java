package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Code;
import io.flarepath.api.ingest.upload.PooledText;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import org.jspecify.annotations.Nullable;

/** The frames of each location of a pprof, made once, with every reference checked. */
final class PprofFrames {
    private static final int BYTES_A_FRAME = 250;

    private final PprofData data;
    private final PprofStrings strings;
    private final String spyName;
    private final FramePool pool;
    private final UploadMemory memory;
    private final Code[] codes;

    /** Frames by line of the pprof. */
    private final Frame[] named;

    /** Frames by location of those that have no line; null where there are lines. */
    private final @Nullable Frame[] unnamed;

    /** By location: number of its first frame, and how many it has. */
    private final int[] first;

    private final int[] count;

    /** Checks all locations, also those that no sample refers to. */
    PprofFrames(
            PprofData data,
            PprofStrings strings,
            String spyName,
            FramePool pool,
            UploadMemory memory) {
        this.data = data;
        this.strings = strings;
        this.spyName = spyName;
        this.pool = pool;
        this.memory = memory;
        this.codes = new Code[data.mappingIds.size()];
        int locations = data.locationIds.size();
        memory.charge(32L * locations + (long) BYTES_A_FRAME * data.lineFunction.size());
        this.named = new Frame[data.lineFunction.size()];
        this.unnamed = new @Nullable Frame[locations];
        this.first = new int[locations];
        this.count = new int[locations];
        checkTables();
        for (int i = 0; i < locations; i++) {
            make(i);
        }
    }

    /** How many frames a location has; one at least. */
    int count(int location) {
        return count[location];
    }

    /** Frames of a location have numbers that follow each other, leaf first; this is the first. */
    int first(int location) {
        return first[location];
    }

    /** A frame by its number, which is below {@link #size}. */
    Frame at(int number) {
        if (number < named.length) {
            return named[number];
        }
        Frame frame = unnamed[number - named.length];
        if (frame == null) {
            throw new IllegalArgumentException("a location with lines has no frame of its own");
        }
        return frame;
    }

    /** What all numbers of frames are below. */
    int size() {
        return named.length + unnamed.length;
    }

    private void checkTables() {
        for (int i = 0; i < data.mappingIds.size(); i++) {
            checkDefined(data.mappingFile.getOrZero(i), "a location", "mapping");
            String path = strings.get(data.mappingFile.get(i) - 1, "mapping");
            memory.charge(100 + path.length());
            codes[i] =
                    new Code(
                            path.substring(path.lastIndexOf('/') + 1),
                            strings.get(data.mappingBuildId.get(i), "build-id"),
                            data.mappingStart.get(i),
                            data.mappingOffset.get(i));
        }
        for (int i = 0; i < data.functionIds.size(); i++) {
            checkDefined(data.functionName.getOrZero(i), "a line", "function");
            strings.check(data.functionName.get(i) - 1, "function name");
            strings.check(data.functionSystemName.get(i), "function system name");
            strings.check(data.functionFile.get(i), "function file");
        }
    }

    private static void checkDefined(long defined, String who, String what) {
        if (defined == 0) {
            throw ApiError.unreadable(
                    who + " of the pprof refers to a " + what + " that is not in it");
        }
    }

    private void make(int location) {
        checkDefined(data.locationDefined.getOrZero(location), "a sample", "location");
        int lines = (int) data.locationLineCount.get(location);
        int mapping = (int) data.locationMapping.get(location) - 1;
        Code code = mapping < 0 ? Code.UNKNOWN : codes[mapping];
        if (lines == 0) {
            unnamed[location] = unnamed(location, code);
            first[location] = named.length + location;
            count[location] = 1;
            return;
        }
        int line = (int) data.locationDefined.get(location) - 1;
        first[location] = line;
        count[location] = lines;
        for (int i = 0; i < lines; i++) {
            named[line + i] = frameOf(line + i, location, code, i + 1 < lines);
        }
    }

    private Frame frameOf(int line, int location, Code code, boolean inlined) {
        int function = (int) data.lineFunction.get(line);
        PooledText name = strings.pooled(data.functionName.get(function) - 1, "function name");
        if (name.isEmpty()) {
            name = strings.pooled(data.functionSystemName.get(function), "function system name");
        }
        if (name.isEmpty()) {
            return unnamed(location, code);
        }
        PooledText filed = strings.pooled(data.functionFile.get(function), "function file");
        String file = filed.text();
        long number = data.lineNumber.get(line);
        int known = number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
        FrameKind kind = FrameKinds.of(code.file(), filed, spyName);
        long start = data.functionStart.getOrZero(function);
        Frame pooled = pool.find(name, file, known, code, kind, inlined, start);
        if (pooled != null) {
            return pooled;
        }
        if (Code.isAddress(name.text()) && !inlined) {
            return code.addressed(name.text(), data.locationAddress.get(location), kind);
        }
        Frame made =
                new Frame(name.text(), file, known, code.file(), code.buildId(), 0, kind, inlined)
                        .withStartLine(start);
        pool.put(name, made);
        return made;
    }

    private Frame unnamed(int location, Code code) {
        memory.charge(BYTES_A_FRAME + code.file().length());
        return code.unnamed(
                data.locationAddress.get(location),
                FrameKinds.of(code.file(), PooledText.EMPTY, ""));
    }
}
