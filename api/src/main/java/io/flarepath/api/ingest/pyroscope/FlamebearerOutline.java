package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a document of /pyroscope/render says of its levels, which may stand before it: the names,
 * and what is measured.
 */
final class FlamebearerOutline {
    private static final int BYTES_A_NAME = 24;
    private static final int MOST_TYPE_NAME = 128;
    private static final double NANOS = 1e9;

    private final ExpectedJson json;
    private final FrameNames names;
    private final UploadMemory memory;
    private final List<Integer> frames = new ArrayList<>();
    private boolean found;
    private String format = "";
    private String units = "";
    private String name = "";
    private double sampleRate;

    private FlamebearerOutline(ExpectedJson json, FrameNames names, UploadMemory memory) {
        this.json = json;
        this.names = names;
        this.memory = memory;
    }

    /** Whether a file in JSON is such a document, be it well-formed or not. */
    static boolean isIn(ExpectedJson json) throws IOException {
        boolean[] found = {false};
        json.object(
                "the file",
                field -> {
                    found[0] |= field.equals("flamebearer");
                    return false;
                });
        return found[0];
    }

    /**
     * Reads a document.
     *
     * @throws ApiError 422 when it is none of one profile
     */
    static FlamebearerOutline read(ExpectedJson json, FrameNames names, UploadMemory memory)
            throws IOException {
        FlamebearerOutline outline = new FlamebearerOutline(json, names, memory);
        json.object("the file", outline::field);
        if (!outline.found) {
            throw ApiError.unreadable("the file has no field flamebearer");
        }
        if (!outline.format.equals("single")) {
            throw ApiError.unreadable(
                    "metadata.format must be \"single\", a flame graph of one profile, and is "
                            + LabelRules.shown(outline.format));
        }
        return outline;
    }

    private boolean field(String field) throws IOException {
        switch (field) {
            case "flamebearer" -> {
                found = true;
                json.object("flamebearer", this::bars);
            }
            case "metadata" -> json.object("metadata", this::metadata);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean bars(String field) throws IOException {
        if (!field.equals("names")) {
            return false;
        }
        json.array(
                "flamebearer.names",
                () -> {
                    memory.charge(BYTES_A_NAME);
                    frames.add(names.number(Frame.named(json.text("a name of flamebearer.names"))));
                });
        return true;
    }

    private boolean metadata(String field) throws IOException {
        switch (field) {
            case "format" -> format = json.text("metadata.format");
            case "units" -> units = json.text("metadata.units");
            case "name" -> name = json.text("metadata.name");
            case "sampleRate" -> sampleRate = json.number("metadata.sampleRate");
            default -> {
                return false;
            }
        }
        return true;
    }

    /** How many names there are. */
    int names() {
        return frames.size();
    }

    /** The frame that a name stands for. */
    int frame(int number) {
        return frames.get(number);
    }

    /**
     * What is measured: a type that the name says, or one of that name.
     *
     * @throws ApiError 422 when the name cannot be one of a type
     */
    ProfileType type() {
        if (name.isEmpty()) {
            return isTimed()
                    ? ProfileType.CPU
                    : new ProfileType("samples", "samples", "count", "", "");
        }
        if (name.length() > MOST_TYPE_NAME || (name + units).indexOf(':') >= 0) {
            throw ApiError.unreadable(
                    "metadata.name and metadata.units must be those of a profile type, without a"
                            + " colon, and are "
                            + LabelRules.shown(name)
                            + " and "
                            + LabelRules.shown(units));
        }
        String unit = isTimed() ? "nanoseconds" : unit();
        return FoldedType.called(name)
                .filter(type -> type.sampleUnit().equals(unit))
                .orElseGet(() -> new ProfileType(name, name, unit, "", ""));
    }

    private String unit() {
        return units.isEmpty() || units.equals("objects") ? "count" : units;
    }

    /** Whether values are samples, each of which stands for a time. */
    private boolean isTimed() {
        return units.equals("samples") && sampleRate > 0;
    }

    /** What one of the values stands for. */
    long factor() {
        return isTimed() ? Math.max(1, Math.round(NANOS / sampleRate)) : 1;
    }
}
