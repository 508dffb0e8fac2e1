package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Code;
import io.flarepath.api.ingest.upload.TextHash;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import org.jspecify.annotations.Nullable;

/**
 * The frames of each location of a pprof, made once, with every reference checked. What is said of
 * a frame is hashed first, of all of them, and only those are made that the {@link FramePool} does
 * not know.
 */
final class PprofFrames {
    private static final int BYTES_A_LINE = 250;
    private static final int BYTES_A_TEXT = 64;

    private final PprofData data;
    private final PprofStrings strings;
    private final FrameKind bySpy;
    private final FramePool pool;
    private final UploadMemory memory;

    /** By 1 + mapping; the first is of what lies in none. */
    private final Code[] codes;

    /** Two words each: the hash of what frames of that code have in common. */
    private final long[] codeKeys;

    /** String of a function's name; 0 where it has none. */
    private final int[] names;

    /** Two words each: the hash of name, file and start of a function. */
    private final long[] functionKeys;

    /** Frames by line of the pprof. */
    private final @Nullable Frame[] named;

    /** Frames by location of those that have no line; null where there are lines. */
    private final @Nullable Frame[] unnamed;

    /** By location: number of its first frame, and how many it has. */
    private final int[] first;

    private final int[] count;

    /** Checks all locations, also those that no sample refers to. */
    PprofFrames(PprofData data, String spyName, FramePool pool, UploadMemory memory) {
        this.data = data;
        this.strings = data.strings;
        this.bySpy = FrameKinds.bySpy(spyName);
        this.pool = pool;
        this.memory = memory;
        int mappings = data.mappingIds.size();
        int functions = data.functionIds.size();
        int locations = data.locationIds.size();
        int lines = data.lineFunction.size();
        memory.charge(
                24L * (1 + mappings)
                        + 20L * functions
                        + 16L * locations
                        + (long) BYTES_A_LINE * lines);
        this.codes = new Code[1 + mappings];
        this.codeKeys = new long[2 * codes.length];
        this.names = new int[functions];
        this.functionKeys = new long[2 * functions];
        this.named = new @Nullable Frame[lines];
        this.unnamed = new @Nullable Frame[locations];
        this.first = new int[locations];
        this.count = new int[locations];
        checkMappings();
        checkFunctions();
        long[] keys = new long[2 * lines];
        for (int i = 0; i < locations; i++) {
            place(i, keys);
        }
        pool.find(keys, named, lines);
        for (int i = 0; i < locations; i++) {
            makeUnknown(i, keys);
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
        Frame frame = number < named.length ? named[number] : unnamed[number - named.length];
        if (frame == null) {
            throw new IllegalArgumentException("a location with lines has no frame of its own");
        }
        return frame;
    }

    /** What all numbers of frames are below. */
    int size() {
        return named.length + unnamed.length;
    }

    private void checkMappings() {
        codes[0] = Code.UNKNOWN;
        for (int i = 0; i < codes.length; i++) {
            int path = 0;
            int buildId = 0;
            if (i > 0) {
                checkDefined(data.mappingFile.getOrZero(i - 1), "a location", "mapping");
                path = strings.check(data.mappingFile.get(i - 1) - 1, "mapping");
                buildId = strings.check(data.mappingBuildId.get(i - 1), "build-id");
                String text = strings.text(path);
                memory.charge(2 * BYTES_A_TEXT + (long) text.length());
                codes[i] =
                        new Code(
                                text.substring(text.lastIndexOf('/') + 1),
                                strings.text(buildId),
                                data.mappingStart.get(i - 1),
                                data.mappingOffset.get(i - 1));
            }
            long a = TextHash.mixedA(strings.hashA(path), strings.hashA(buildId));
            long b = TextHash.mixedB(strings.hashB(path), strings.hashB(buildId));
            codeKeys[2 * i] = TextHash.mixedA(a, bySpy.code());
            codeKeys[2 * i + 1] = TextHash.mixedB(b, bySpy.code());
        }
    }

    private void checkFunctions() {
        for (int i = 0; i < names.length; i++) {
            checkDefined(data.functionName.getOrZero(i), "a line", "function");
            int name = strings.check(data.functionName.get(i) - 1, "function name");
            int system = strings.check(data.functionSystemName.get(i), "function system name");
            int file = strings.check(data.functionFile.get(i), "function file");
            int start = Frame.knownLine(data.functionStart.get(i));
            names[i] = strings.isEmpty(name) ? system : name;
            long a = TextHash.mixedA(strings.hashA(names[i]), strings.hashA(file));
            long b = TextHash.mixedB(strings.hashB(names[i]), strings.hashB(file));
            functionKeys[2 * i] = TextHash.mixedA(a, start);
            functionKeys[2 * i + 1] = TextHash.mixedB(b, start);
        }
    }

    private static void checkDefined(long defined, String who, String what) {
        if (defined == 0) {
            throw ApiError.unreadable(
                    who + " of the pprof refers to a " + what + " that is not in it");
        }
    }

    private int code(int location) {
        return (int) data.locationMapping.get(location);
    }

    /** Numbers the frames of a location, and hashes what is said of them. */
    private void place(int location, long[] keys) {
        checkDefined(data.locationDefined.getOrZero(location), "a sample", "location");
        int lines = (int) data.locationLineCount.get(location);
        int code = code(location);
        if (lines == 0) {
            unnamed[location] = unnamed(location, codes[code]);
            first[location] = named.length + location;
            count[location] = 1;
            return;
        }
        int line = (int) data.locationDefined.get(location) - 1;
        first[location] = line;
        count[location] = lines;
        for (int i = line; i < line + lines; i++) {
            int function = 2 * (int) data.lineFunction.get(i);
            long where = lineNumber(i) * 2L + (i + 1 < line + lines ? 1 : 0);
            long a = TextHash.mixedA(functionKeys[function], codeKeys[2 * code]);
            long b = TextHash.mixedB(functionKeys[function + 1], codeKeys[2 * code + 1]);
            keys[2 * i] = TextHash.mixedA(a, where);
            keys[2 * i + 1] = TextHash.mixedB(b, where);
        }
    }

    private int lineNumber(int line) {
        return Frame.knownLine(data.lineNumber.get(line));
    }

    private void makeUnknown(int location, long[] keys) {
        int behind = first[location] + count[location];
        for (int line = first[location]; line < Math.min(behind, named.length); line++) {
            if (named[line] == null) {
                named[line] = make(line, location, line + 1 < behind, keys);
            }
        }
    }

    private Frame make(int line, int location, boolean inlined, long[] keys) {
        Code code = codes[code(location)];
        int function = (int) data.lineFunction.get(line);
        int name = names[function];
        if (strings.isEmpty(name)) {
            return unnamed(location, code);
        }
        int file = (int) data.functionFile.get(function);
        memory.charge(2L * BYTES_A_TEXT + strings.length(name) + strings.length(file));
        String text = strings.text(name);
        String path = strings.text(file);
        FrameKind kind = FrameKinds.of(code.file(), path, bySpy);
        if (Code.isAddress(text) && !inlined) {
            return code.addressed(text, data.locationAddress.get(location), kind);
        }
        Frame made =
                new Frame(
                                text,
                                path,
                                lineNumber(line),
                                code.file(),
                                code.buildId(),
                                0,
                                kind,
                                inlined)
                        .withStartLine(data.functionStart.get(function));
        return pool.kept(keys[2 * line], keys[2 * line + 1], made);
    }

    private Frame unnamed(int location, Code code) {
        memory.charge(BYTES_A_LINE + (long) code.file().length());
        return code.unnamed(
                data.locationAddress.get(location),
                FrameKinds.of(code.file(), "", FrameKind.UNKNOWN));
    }
}
