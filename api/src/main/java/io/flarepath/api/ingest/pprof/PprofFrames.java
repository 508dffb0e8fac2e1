package io.flarepath.api.ingest.pprof;

import io.flarepath.api.ingest.upload.Code;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;

/** The frames of each location of a pprof, made once, with every reference checked. */
final class PprofFrames {
    private static final int BYTES_A_FRAME = 250;

    private final PprofData data;
    private final PprofStrings strings;
    private final String spyName;

    private final UploadMemory memory;
    private final Code[] codes;

    /** Frames by location, leaf first. */
    private final Frame[][] frames;

    /** Checks all locations, also those that no sample refers to. */
    PprofFrames(PprofData data, PprofStrings strings, String spyName, UploadMemory memory) {
        this.data = data;
        this.strings = strings;
        this.spyName = spyName;
        this.memory = memory;
        this.codes = new Code[data.mappingIds.size()];
        int locations = data.locationIds.size();
        memory.charge(24L * locations + (long) BYTES_A_FRAME * data.lineFunction.size());
        this.frames = new Frame[locations][];
        checkTables();
        for (int i = 0; i < locations; i++) {
            frames[i] = framesOf(i);
        }
    }

    Frame[] at(int location) {
        return frames[location];
    }

    int locations() {
        return frames.length;
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
            strings.get(data.functionName.get(i) - 1, "function name");
            strings.get(data.functionSystemName.get(i), "function system name");
            strings.get(data.functionFile.get(i), "function file");
        }
    }

    private static void checkDefined(long defined, String who, String what) {
        if (defined == 0) {
            throw ApiError.unreadable(
                    who + " of the pprof refers to a " + what + " that is not in it");
        }
    }

    private Frame[] framesOf(int location) {
        checkDefined(data.locationDefined.getOrZero(location), "a sample", "location");
        int lines = (int) data.locationLineCount.get(location);
        int mapping = (int) data.locationMapping.get(location) - 1;
        Code code = mapping < 0 ? Code.UNKNOWN : codes[mapping];
        if (lines == 0) {
            return new Frame[] {unnamed(location, code)};
        }
        Frame[] made = new Frame[lines];
        int first = (int) data.locationDefined.get(location) - 1;
        for (int i = 0; i < lines; i++) {
            made[i] = frameOf(first + i, location, code, i + 1 < lines);
        }
        return made;
    }

    private Frame frameOf(int line, int location, Code code, boolean inlined) {
        int function = (int) data.lineFunction.get(line);
        String name = strings.get(data.functionName.get(function) - 1, "function name");
        if (name.isEmpty()) {
            name = strings.get(data.functionSystemName.get(function), "function system name");
        }
        if (name.isEmpty()) {
            return unnamed(location, code);
        }
        String file = strings.get(data.functionFile.get(function), "function file");
        long number = data.lineNumber.get(line);
        int known = number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
        FrameKind kind = FrameKinds.of(code.file(), file, spyName);
        if (Code.isAddress(name) && !inlined) {
            return code.addressed(name, data.locationAddress.get(location), kind);
        }
        return new Frame(name, file, known, code.file(), code.buildId(), 0, kind, inlined)
                .withStartLine(data.functionStart.getOrZero(function));
    }

    private Frame unnamed(int location, Code code) {
        memory.charge(BYTES_A_FRAME + code.file().length());
        return code.unnamed(data.locationAddress.get(location), FrameKinds.of(code.file(), "", ""));
    }
}
