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
        EXECUTION,
        CPU_TIME,
        WALL,
        IN_NEW_TLAB,
        OUTSIDE_TLAB,
        ALLOCATION,
        LIVE,
        MONITOR,
        PARK,
        MALLOC,
        OLD_OBJECT,
        FILE,
        SOCKET,
        PINNED,
        TRACED,
        SYSTEM_GC,
        EXCEPTION;

        static @Nullable Source of(String event) {
            return switch (event) {
                case "jdk.ExecutionSample" -> EXECUTION;
                case "jdk.CPUTimeSample" -> CPU_TIME;
                case "profiler.WallClockSample" -> WALL;
                case "jdk.ObjectAllocationInNewTLAB" -> IN_NEW_TLAB;
                case "jdk.ObjectAllocationOutsideTLAB" -> OUTSIDE_TLAB;
                case "jdk.ObjectAllocationSample" -> ALLOCATION;
                case "profiler.LiveObject" -> LIVE;
                case "jdk.JavaMonitorEnter" -> MONITOR;
                case "jdk.ThreadPark" -> PARK;
                case "profiler.Malloc" -> MALLOC;
                case "jdk.OldObjectSample" -> OLD_OBJECT;
                case "jdk.FileRead", "jdk.FileWrite", "jdk.FileForce" -> FILE;
                case "jdk.SocketRead", "jdk.SocketWrite" -> SOCKET;
                case "jdk.VirtualThreadPinned" -> PINNED;
                case "jdk.MethodTrace" -> TRACED;
                case "jdk.SystemGC" -> SYSTEM_GC;
                case "jdk.JavaExceptionThrow", "jdk.JavaErrorThrow" -> EXCEPTION;
                default -> null;
            };
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
