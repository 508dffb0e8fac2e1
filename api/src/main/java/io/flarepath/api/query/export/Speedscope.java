package io.flarepath.api.query.export;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tree as a file of speedscope (file-format-spec.ts of speedscope): one sampled profile, one
 * sample for each stack that has a value of its own.
 */
public final class Speedscope {
    private static final String SCHEMA = "https://www.speedscope.app/file-format-schema.json";

    private Speedscope() {}

    private record Shown(String name, String file) {}

    /** Writes the document. */
    public static void write(JsonGenerator json, FlameTree tree, ProfileType type, String name)
            throws IOException {
        int[] frameOf = new int[tree.size()];
        Map<Shown, Integer> frames = new LinkedHashMap<>();
        for (int node = 1; node < frameOf.length; node++) {
            Frame frame = tree.frame(node);
            Shown shown =
                    tree.isOther(node)
                            ? new Shown("other", "")
                            : new Shown(frame.function(), frame.file());
            Integer known = frames.putIfAbsent(shown, frames.size());
            frameOf[node] = known == null ? frames.size() - 1 : known;
        }
        json.writeStartObject();
        json.writeStringField("$schema", SCHEMA);
        json.writeStringField("exporter", "flarepath");
        json.writeStringField("name", name);
        json.writeNumberField("activeProfileIndex", 0);
        json.writeObjectFieldStart("shared");
        json.writeArrayFieldStart("frames");
        for (Shown frame : frames.keySet()) {
            json.writeStartObject();
            json.writeStringField("name", frame.name);
            if (!frame.file.isEmpty()) {
                json.writeStringField("file", frame.file);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeArrayFieldStart("profiles");
        writeProfile(json, tree, type, frameOf);
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeProfile(
            JsonGenerator json, FlameTree tree, ProfileType type, int[] frameOf)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "sampled");
        json.writeStringField("name", type.sampleType());
        json.writeStringField("unit", unit(type.sampleUnit()));
        json.writeNumberField("startValue", 0);
        json.writeNumberField("endValue", tree.total(0));
        json.writeArrayFieldStart("samples");
        int[] stack = new int[64];
        for (int node = 0; node < tree.size(); node++) {
            if (tree.self(node) == 0) {
                continue;
            }
            int place = stack.length;
            for (int at = node; at > 0; at = tree.parent(at)) {
                if (place == 0) {
                    place = stack.length;
                    int[] wider = new int[stack.length * 2];
                    System.arraycopy(stack, 0, wider, place, stack.length);
                    stack = wider;
                }
                stack[--place] = frameOf[at];
            }
            int[] rootFirst = Arrays.copyOfRange(stack, place, stack.length);
            json.writeArray(rootFirst, 0, rootFirst.length);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("weights");
        for (int node = 0; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                json.writeNumber(tree.self(node));
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static String unit(String unit) {
        return switch (unit) {
            case "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes" -> unit;
            default -> "none";
        };
    }
}
