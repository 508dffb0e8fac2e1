package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Samples of Java methods, as one profiler saw them. A method's own samples are those in which it
 * is the innermost Java frame: what it calls in native code, in stubs and in the kernel counts as
 * its own. A method counts once in a stack, however often it recurs.
 */
final class MethodTimes {
    private static final int SHOWN = 5;
    private static final int ROOTS = 5;

    /** What runs at the entry of a method, by our name and by async-profiler's. */
    private static final Set<String> BARRIERS =
            Set.of("BarrierSetNMethod::nmethod_stub_entry_barrier", "method_entry_barrier");

    private final Map<String, Long> self = new HashMap<>();
    private final Map<String, Long> inclusive = new HashMap<>();
    private final Map<Long, Map<String, Long>> others = new HashMap<>();
    private final Map<Long, Long> byThread = new HashMap<>();
    private final Map<Long, Long> javaByThread = new HashMap<>();
    private long samples;
    private long atBarriers;

    void add(long tid, List<Frame> leafFirst, long count) {
        byThread.merge(tid, count, Long::sum);
        if (leafFirst.stream().map(Frame::function).anyMatch(BARRIERS::contains)) {
            atBarriers += count;
            return;
        }
        samples += count;
        Set<String> methods = new HashSet<>();
        for (Frame frame : leafFirst) {
            if (isMethod(frame)) {
                if (methods.isEmpty()) {
                    self.merge(frame.function(), count, Long::sum);
                }
                methods.add(frame.function());
            }
        }
        methods.forEach(method -> inclusive.merge(method, count, Long::sum));
        if (methods.isEmpty()) {
            others.computeIfAbsent(tid, t -> new HashMap<>())
                    .merge(described(leafFirst), count, Long::sum);
        } else {
            javaByThread.merge(tid, count, Long::sum);
        }
    }

    /** Stubs of the VM are no methods: their names have no class. */
    private static boolean isMethod(Frame frame) {
        String name = frame.function();
        return frame.kind() == FrameKind.JVM
                && name.indexOf('.') > 0
                && name.indexOf(' ') < 0
                && !name.contains("::");
    }

    /** Samples by the innermost method. */
    Map<String, Long> self() {
        return self;
    }

    /** Samples with the method anywhere in the stack. */
    Map<String, Long> inclusive() {
        return inclusive;
    }

    /** Samples by thread. */
    Map<Long, Long> byThread() {
        return byThread;
    }

    /** All samples that are not left out, of threads without Java too. */
    long samples() {
        return samples;
    }

    /** Samples with a method in their stack, by thread. */
    Map<Long, Long> javaByThread() {
        return javaByThread;
    }

    /** Whether there is a Java method in a stack. */
    static boolean hasMethod(List<Frame> frames) {
        return frames.stream().anyMatch(MethodTimes::isMethod);
    }

    /**
     * What is left out, and what of threads that run Java has no method: where the most frequent of
     * those stacks begin.
     */
    String leftOut() {
        Map<String, Long> lost = new HashMap<>();
        others.forEach((tid, stacks) -> {
            if (javaByThread.containsKey(tid)) {
                stacks.forEach((stack, count) -> lost.merge(stack, count, Long::sum));
            }
        });
        long all = lost.values().stream().mapToLong(Long::longValue).sum();
        return "%d samples at barriers; of %d others %d lost their Java methods%n%s"
                .formatted(
                        atBarriers,
                        samples,
                        all,
                        lost.entrySet().stream()
                                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                                .limit(SHOWN)
                                .map(e -> "  %6d  %s%n".formatted(e.getValue(), e.getKey()))
                                .collect(Collectors.joining()));
    }

    /** Its user frames near the root, root last. */
    private static String described(List<Frame> leafFirst) {
        List<String> functions =
                leafFirst.stream()
                        .filter(frame -> frame.kind() != FrameKind.KERNEL)
                        .map(Frame::function)
                        .toList();
        int size = functions.size();
        return size == 0
                ? "kernel only"
                : String.join(" ", functions.subList(Math.max(0, size - ROOTS), size));
    }
}
