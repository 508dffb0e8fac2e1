package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The frames of a file of speedscope and what its profiles are: all that must be known before their
 * values can be read, and may stand behind them.
 */
final class SpeedscopeOutline {
    private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";
    private static final int BYTES_A_HEAD = 200;
    private static final int BYTES_A_FRAME = 24;

    private final ExpectedJson json;
    private final FrameNames names;
    private final UploadMemory memory;
    private final List<Integer> frames = new ArrayList<>();
    private final List<SpeedscopeHead> heads = new ArrayList<>();
    private String schema = "";

    private SpeedscopeOutline(ExpectedJson json, FrameNames names, UploadMemory memory) {
        this.json = json;
        this.names = names;
        this.memory = memory;
    }

    /**
     * Reads a file.
     *
     * @throws ApiError 422 when it is no file of speedscope
     */
    static SpeedscopeOutline read(ExpectedJson json, FrameNames names, UploadMemory memory)
            throws IOException {
        SpeedscopeOutline outline = new SpeedscopeOutline(json, names, memory);
        json.object("the file", outline::field);
        if (!outline.schema.equals(SCHEMA)) {
            throw ApiError.unreadable(
                    "the field $schema must be "
                            + SCHEMA
                            + ", and is "
                            + LabelRules.shown(outline.schema));
        }
        return outline;
    }

    private boolean field(String field) throws IOException {
        switch (field) {
            case "$schema" -> schema = json.text("$schema");
            case "shared" -> json.object("shared", this::shared);
            case "profiles" -> json.array("profiles", this::profile);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean shared(String field) throws IOException {
        if (field.equals("frames")) {
            json.array("frames", () -> new FrameFields().read());
            return true;
        }
        return false;
    }

    /** Gathers the fields of one frame. */
    private final class FrameFields {
        private String name = "";
        private String file = "";
        private int line;

        private void read() throws IOException {
            json.object("a frame", this::field);
            memory.charge(BYTES_A_FRAME);
            frames.add(
                    names.number(new Frame(name, file, line, "", "", 0, FrameKind.UNKNOWN, false)));
        }

        private boolean field(String field) throws IOException {
            switch (field) {
                case "name" -> name = json.text("the name of a frame");
                case "file" -> file = json.text("the file of a frame");
                case "line" -> line = json.line();
                default -> {
                    return false;
                }
            }
            return true;
        }
    }

    private void profile() throws IOException {
        memory.charge(BYTES_A_HEAD);
        new HeadFields().read();
    }

    /** Gathers the fields of one profile. */
    private final class HeadFields {
        private String type = "";
        private String name = "";
        private String unit = "";
        private double start;

        private void read() throws IOException {
            json.object("a profile", this::field);
            if (!type.equals("evented") && !type.equals("sampled")) {
                throw ApiError.unreadable(
                        "a profile must be of the type evented or sampled, and is "
                                + LabelRules.shown(type));
            }
            memory.charge(2L * name.length());
            heads.add(
                    new SpeedscopeHead(
                            type.equals("evented"), name, SpeedscopeUnit.of(unit), start));
        }

        private boolean field(String field) throws IOException {
            switch (field) {
                case "type" -> type = json.text("the type of a profile");
                case "name" -> name = json.text("the name of a profile");
                case "unit" -> unit = json.text("the unit of a profile");
                case "startValue" -> start = json.number("startValue");
                default -> {
                    return false;
                }
            }
            return true;
        }
    }

    /** What the profiles are, in the order of the file. */
    List<SpeedscopeHead> heads() {
        return heads;
    }

    /** How many frames the file has. */
    int frames() {
        return frames.size();
    }

    /** The number among the names of a frame of the file. */
    int frame(int index) {
        return frames.get(index);
    }
}
