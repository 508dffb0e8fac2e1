package io.flarepath.agent.samples;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Counts samples by whether their stacks are whole, by one rule for all tests: the root is one of
 * {@link StackRoots}. Left out, and counted, is only what has no user stack to speak of: a process
 * on its way from fork to exec, and one whose memory is just being set up or torn down.
 */
final class StackTally {
    /** Kernel functions inside of which the memory of a process is replaced, or is gone. */
    private static final Pattern REPLACED =
            Pattern.compile(
                    "begin_new_exec|load_elf_binary|load_script|do_exit|exit_mm|exit_mmap|__mmput|mmput");

    /** Those by which a new process or thread comes up, before it has run any code of its own. */
    private static final Pattern COMING_UP = Pattern.compile("ret_from_fork(_asm)?|schedule_tail");

    /** Threads of the test that start programs: what they are called until exec. */
    private static final Set<String> STARTERS = Set.of("java", "jspawnhelper", "main");

    private final StackRoots roots;
    private final Map<String, Long> incomplete = new HashMap<>();
    private final Map<String, String> examples = new HashMap<>();
    private long complete;
    private long leftOut;

    StackTally(StackRoots roots) {
        this.roots = roots;
    }

    /** Whether the samples belong to an exec or exit in flight, or to the fork of a starter. */
    boolean isInFlight(FoldedStack stack) {
        List<Frame> frames = stack.frames();
        if (STARTERS.contains(stack.threadName())) {
            return true;
        }
        if (roots.isRoot(frames.getLast())) {
            return false;
        }
        boolean userless =
                frames.stream()
                        .allMatch(f -> f.kind() == FrameKind.KERNEL || f.kind() == FrameKind.ERROR);
        return isIn(REPLACED, frames) || (userless && isIn(COMING_UP, frames));
    }

    private static boolean isIn(Pattern functions, List<Frame> frames) {
        return frames.stream()
                .filter(f -> f.kind() == FrameKind.KERNEL)
                .anyMatch(f -> functions.matcher(f.function()).matches());
    }

    void add(FoldedStack stack) {
        long samples = stack.timesUnixNanos().length;
        if (isInFlight(stack)) {
            leftOut += samples;
            return;
        }
        Frame root = stack.frames().getLast();
        if (roots.isRoot(root)) {
            complete += samples;
            return;
        }
        String reason =
                root.kind() == FrameKind.ERROR ? root.function() : "ends in " + root.function();
        incomplete.merge(reason, samples, Long::sum);
        examples.putIfAbsent(reason, describe(stack));
    }

    /** Samples that count: all but those left out. */
    long samples() {
        return complete + incomplete();
    }

    long complete() {
        return complete;
    }

    long incomplete() {
        return incomplete.values().stream().mapToLong(Long::longValue).sum();
    }

    long leftOut() {
        return leftOut;
    }

    /** Share of whole stacks, percent. */
    double completePercent() {
        return samples() == 0 ? 0 : 100.0 * complete / samples();
    }

    /** Share of samples that were left out, of all, percent. */
    double leftOutPercent() {
        long all = samples() + leftOut;
        return all == 0 ? 0 : 100.0 * leftOut / all;
    }

    /** One line: the share, and why stacks are not whole. */
    String summary() {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%6.2f %% of %d whole, %d left out (%.2f %%)",
                        completePercent(),
                        samples(),
                        leftOut,
                        leftOutPercent()));
        byCount()
                .forEach(e ->
                        text.append("; ").append(e.getKey()).append(": ").append(e.getValue()));
        return text.toString();
    }

    /** The summary, with a stack for each reason. */
    String details() {
        StringBuilder text = new StringBuilder(summary());
        byCount()
                .forEach(e ->
                        text.append("\n    ")
                                .append(e.getKey())
                                .append(": ")
                                .append(examples.get(e.getKey())));
        return text.append('\n').toString();
    }

    private List<Map.Entry<String, Long>> byCount() {
        return incomplete.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(12)
                .toList();
    }

    /** The functions of a stack, leaf first, in one line. */
    static String describe(FoldedStack stack) {
        StringBuilder text = new StringBuilder(stack.threadName()).append(':');
        for (Frame frame : stack.frames()) {
            text.append(' ').append(frame.function());
            if (!frame.mapping().isEmpty() && !StackRoots.isNameless(frame)) {
                text.append('@').append(frame.mapping());
            }
        }
        return text.length() > 1500 ? text.substring(0, 1500) + " ..." : text.toString();
    }
}
