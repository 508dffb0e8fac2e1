package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.Code;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.opentelemetry.proto.profiles.v1development.Function;
import io.opentelemetry.proto.profiles.v1development.Line;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;

/** The frames of each location of a request's dictionary, made at first use. */
final class OtlpFrames {
    private static final int BYTES_A_FRAME = 250;
    private static final String FRAME_TYPE = "profile.frame.type";
    private static final String CONFIDENCE = "flarepath.frame.confidence";
    private static final String LOW = "low";
    private static final String LINE = "flarepath.frame.line";
    private static final String APPROXIMATE = "approximate";
    private static final String BUILD_ID = "process.executable.build_id.gnu";
    private static final String BUILD_HASH = "process.executable.build_id.htlhash";

    private final OtlpDictionary dictionary;
    private final UploadMemory memory;
    private final Frame[][] byLocation;
    private final Code[] codes;

    OtlpFrames(OtlpDictionary dictionary, UploadMemory memory) {
        this.dictionary = dictionary;
        this.memory = memory;
        int locations = dictionary.tables().getLocationTableCount();
        int mappings = dictionary.tables().getMappingTableCount();
        memory.charge(8L * locations + 8L * mappings);
        this.byLocation = new Frame[locations][];
        this.codes = new Code[mappings];
    }

    int locations() {
        return byLocation.length;
    }

    /** The frames of a location, leaf first; none for location 0 of an empty table. */
    Frame[] at(int index) {
        if (!OtlpDictionary.has(index, byLocation.length, "location_table")) {
            return new Frame[0];
        }
        Frame[] known = byLocation[index];
        if (known == null) {
            known = make(dictionary.tables().getLocationTable(index));
            byLocation[index] = known;
        }
        return known;
    }

    private Frame[] make(Location location) {
        Code code = code(location.getMappingIndex());
        FrameKind kind =
                FrameKind.ofOtelName(
                        dictionary.attribute(location.getAttributeIndicesList(), FRAME_TYPE));
        boolean low =
                dictionary.attribute(location.getAttributeIndicesList(), CONFIDENCE).equals(LOW);
        boolean near =
                dictionary.attribute(location.getAttributeIndicesList(), LINE).equals(APPROXIMATE);
        int lines = location.getLinesCount();
        memory.charge(BYTES_A_FRAME * Math.max(1L, lines));
        if (lines == 0) {
            return new Frame[] {unnamed(location, code, kind).withLowConfidence(low)};
        }
        Frame[] frames = new Frame[lines];
        for (int i = 0; i < lines; i++) {
            frames[i] =
                    frame(location, location.getLines(i), code, kind, i + 1 < lines)
                            .withLowConfidence(low)
                            .withApproximateLine(near);
        }
        return frames;
    }

    private Code code(int index) {
        if (!OtlpDictionary.has(index, codes.length, "mapping_table")) {
            return Code.UNKNOWN;
        }
        Code known = codes[index];
        if (known == null) {
            known = code(dictionary.tables().getMappingTable(index));
            codes[index] = known;
        }
        return known;
    }

    private Code code(Mapping mapping) {
        String path = dictionary.string(mapping.getFilenameStrindex());
        String buildId = dictionary.attribute(mapping.getAttributeIndicesList(), BUILD_ID);
        if (buildId.isEmpty()) {
            buildId = dictionary.attribute(mapping.getAttributeIndicesList(), BUILD_HASH);
        }
        memory.charge(100 + path.length());
        return new Code(
                path.substring(path.lastIndexOf('/') + 1),
                buildId,
                mapping.getMemoryStart(),
                mapping.getFileOffset());
    }

    private Frame frame(Location location, Line line, Code code, FrameKind kind, boolean inlined) {
        int size = dictionary.tables().getFunctionTableCount();
        int index = line.getFunctionIndex();
        Function function =
                OtlpDictionary.has(index, size, "function_table")
                        ? dictionary.tables().getFunctionTable(index)
                        : Function.getDefaultInstance();
        String name = dictionary.string(function.getNameStrindex());
        String systemName = dictionary.string(function.getSystemNameStrindex());
        String file = dictionary.string(function.getFilenameStrindex());
        String shown = name.isEmpty() ? systemName : name;
        if (shown.isEmpty()) {
            return unnamed(location, code, kind);
        }
        long number = line.getLine();
        int known = number < 0 || number > Integer.MAX_VALUE ? 0 : (int) number;
        // A name that the sender made of an address may be bettered later: then the address stays.
        return Code.isAddress(shown) && !inlined
                ? code.addressed(shown, location.getAddress(), kind)
                : new Frame(shown, file, known, code.file(), code.buildId(), 0, kind, inlined)
                        .withStartLine(function.getStartLine());
    }

    private Frame unnamed(Location location, Code code, FrameKind kind) {
        memory.charge(40 + code.file().length());
        return code.unnamed(location.getAddress(), kind);
    }
}
