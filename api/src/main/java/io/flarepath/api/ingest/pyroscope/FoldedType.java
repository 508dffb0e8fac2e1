package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.ProfileType;
import java.util.Optional;

/**
 * What folded stacks measure: the text behind the last dot of the application's name says it, none
 * means CPU.
 *
 * @param service the application without that text
 * @param type the type
 * @param timed whether a count is a sample that stands for a time
 */
record FoldedType(String service, ProfileType type, boolean timed) {

    private static final ProfileType WALL =
            new ProfileType("wall", "wall", "nanoseconds", "cpu", "nanoseconds");

    /**
     * Reads an application's name.
     *
     * @throws ApiError 400 for an unknown type
     */
    static FoldedType of(String app) {
        int dot = app.lastIndexOf('.');
        if (dot < 0) {
            return new FoldedType(app, ProfileType.CPU, true);
        }
        String suffix = app.substring(dot + 1);
        ProfileType type =
                called(suffix)
                        .orElseThrow(() ->
                                ApiError.invalid(
                                        "unknown profile type: "
                                                + suffix
                                                + "; behind the last dot of the"
                                                + " application's name stands what folded"
                                                + " stacks measure, for instance"
                                                + " my.app.cpu"));
        boolean timed = type.equals(ProfileType.CPU) || type.equals(WALL);
        return new FoldedType(app.substring(0, dot), type, timed);
    }

    /** The type that is called so; empty where none is. */
    static Optional<ProfileType> called(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "cpu", "itimer" -> ProfileType.CPU;
                    case "wall", "seconds", "nanoseconds", "microseconds", "milliseconds" -> WALL;
                    case "inuse_objects",
                            "alloc_objects",
                            "alloc_in_new_tlab_objects",
                            "alloc_outside_tlab_objects",
                            "live" ->
                            type("memory", name, "count");
                    case "inuse_space",
                            "alloc_space",
                            "alloc_in_new_tlab_bytes",
                            "alloc_outside_tlab_bytes" ->
                            type("memory", name, "bytes");
                    case "goroutines" -> type("goroutine", "goroutines", "count");
                    case "mutex_count" -> type("mutex", "contentions", "count");
                    case "mutex_duration" -> type("mutex", "delay", "nanoseconds");
                    case "block_count", "lock_count" -> type("block", "contentions", "count");
                    case "block_duration", "lock_duration" -> type("block", "delay", "nanoseconds");
                    case "exceptions" -> type("exceptions", "samples", "count");
                    case "bytes" -> type("memory", "samples", "bytes");
                    default -> null;
                });
    }

    private static ProfileType type(String family, String name, String unit) {
        return new ProfileType(family, name, unit, "", "");
    }
}
