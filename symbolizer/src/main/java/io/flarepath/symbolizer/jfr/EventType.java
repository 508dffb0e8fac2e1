package io.flarepath.symbolizer.jfr;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event type of a chunk.
 *
 * @param layout how its events lie
 * @param source what it is to us, or null
 * @param hasStack whether its events have stacks
 * @param unit unit of its time span
 */
record EventType(TypeLayout layout, @Nullable Source source, boolean hasStack, String unit) {
    /** Events that become samples. */
    enum Source {
        EXECUTION("jdk.ExecutionSample"),
        CPU_TIME("jdk.CPUTimeSample"),
        WALL("profiler.WallClockSample"),
        IN_NEW_TLAB("jdk.ObjectAllocationInNewTLAB"),
        OUTSIDE_TLAB("jdk.ObjectAllocationOutsideTLAB"),
        ALLOCATION("jdk.ObjectAllocationSample"),
        LIVE("profiler.LiveObject"),
        MONITOR("jdk.JavaMonitorEnter"),
        PARK("jdk.ThreadPark"),
        MALLOC("profiler.Malloc");

        private final String event;

        Source(String event) {
            this.event = event;
        }

        static @Nullable Source of(String event) {
            for (Source source : values()) {
                if (source.event.equals(event)) {
                    return source;
                }
            }
            return null;
        }
    }

    static EventType of(TypeLayout layout) {
        Source source = Source.of(layout.name());
        boolean cpuTime = source == Source.CPU_TIME;
        return new EventType(
                layout,
                source,
                hasStack(layout.fields()),
                layout.unit(cpuTime ? FieldSlot.SAMPLING_PERIOD : FieldSlot.DURATION));
    }

    private static boolean hasStack(List<TypeLayout.Field> fields) {
        for (TypeLayout.Field field : fields) {
            if (field.slot() == FieldSlot.STACK_TRACE && field.pooled()) {
                return true;
            }
        }
        return false;
    }
}
