package io.flarepath.agent.recordings;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What can be recorded, and how async-profiler is told so (its docs/ProfilerOptions.md). */
public enum RecordingKind {
    /** CPU time by a timer a thread, which needs no privileges in the target. */
    CPU("event=ctimer,interval=10ms"),
    /** Threads whether they run or not. */
    WALL("wall=50ms"),
    /** Objects and bytes, one sample for each 512 KiB. */
    ALLOCATIONS("alloc=512k"),
    /** Of the sampled objects those that are still reachable at the end. */
    LIVE("live"),
    /** Waiting for monitors and locks that lasts longer than 100 µs. */
    LOCKS("lock=100us");

    private final String arguments;

    RecordingKind(String arguments) {
        this.arguments = arguments;
    }

    /** The arguments for several kinds; live objects are those of sampled allocations. */
    static String arguments(Collection<RecordingKind> kinds) {
        Set<RecordingKind> all = EnumSet.copyOf(kinds);
        if (all.contains(LIVE)) {
            all.add(ALLOCATIONS);
        }
        StringBuilder joined = new StringBuilder();
        for (RecordingKind kind : all) {
            joined.append(joined.isEmpty() ? "" : ",").append(kind.arguments);
        }
        return joined.toString();
    }

    /**
     * The kind of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static RecordingKind of(String name) {
        for (RecordingKind kind : values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "a recording is of cpu, wall, allocations, live or locks, not \"" + name + "\"");
    }
}
