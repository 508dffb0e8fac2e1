package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.flamebearer.Flamebearer;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;

/**
 * The document of /pyroscope/render and /pyroscope/render-diff where there is no time, and so no
 * timeline.
 *
 * @param tree of one side, or of two
 * @param type what is measured
 * @param name what that is called
 * @param maxNodes about how many nodes are shown
 * @param hardLimit at most so many, "other" aside
 */
public record RenderDocument(
        NamedTree tree, ProfileType type, String name, int maxNodes, int hardLimit)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        boolean two = tree.sides() == 2;
        json.writeStartObject();
        json.writeNumberField("version", 1);
        Flamebearer.of(tree, maxNodes, hardLimit).write(json);
        metadata(json, two ? "double" : "single", type, name);
        json.writeNullField("timeline");
        json.writeNullField("groups");
        json.writeNullField("heatmap");
        if (two) {
            json.writeNumberField("leftTicks", tree.total(0, 0));
            json.writeNumberField("rightTicks", tree.total(1, 0));
        }
        json.writeEndObject();
    }

    /** Writes the field that says how values are to be read. */
    static void metadata(JsonGenerator json, String format, ProfileType type, String name)
            throws IOException {
        json.writeObjectFieldStart("metadata");
        json.writeStringField("format", format);
        json.writeStringField("spyName", "");
        json.writeNumberField("sampleRate", type.sampleType().equals("cpu") ? 1_000_000_000 : 100);
        json.writeStringField("units", units(type));
        json.writeStringField("name", name);
        json.writeEndObject();
    }

    private static String units(ProfileType type) {
        return switch (type.sampleType()) {
            case "cpu" -> "samples";
            case "inuse_objects", "alloc_objects", "goroutine", "samples" -> "objects";
            default -> type.sampleUnit();
        };
    }
}
