package io.flarepath.agent.export;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Windows for tests: made by a seeded generator, and shown as comparable text. */
final class Windows {
    private static final long START = 1_790_000_000_000_000_000L;

    private static final List<FrameKind> KINDS =
            List.of(
                    FrameKind.KERNEL,
                    FrameKind.NATIVE,
                    FrameKind.GO,
                    FrameKind.RUST,
                    FrameKind.JVM);

    private Windows() {}

    static List<WindowProfile> random(Random random, int profiles, int stacks) {
        List<WindowProfile> window = new ArrayList<>();
        for (int i = 0; i < profiles; i++) {
            SortedMap<String, String> resource = new TreeMap<>();
            resource.put("service.name", "service-" + i);
            resource.put("host.name", "höst");
            List<FoldedStack> folded = new ArrayList<>();
            int count = stacks / 2 + random.nextInt(stacks);
            for (int j = 0; j < count; j++) {
                folded.add(stack(random));
            }
            window.add(new WindowProfile(resource, START, 10_000_000_000L, 10_309_278, folded));
        }
        return window;
    }

    private static FoldedStack stack(Random random) {
        List<Frame> frames = new ArrayList<>();
        int depth = 1 + random.nextInt(60);
        for (int i = 0; i < depth; i++) {
            frames.add(frame(random, i + 1 < depth));
        }
        if (random.nextInt(4) == 0) {
            frames.add(Frame.error("depth limit"));
        }
        long[] times = new long[1 + random.nextInt(20)];
        for (int i = 0; i < times.length; i++) {
            times[i] = START + random.nextLong(10_000_000_000L);
        }
        int pid = random.nextInt(4_000_000);
        return new FoldedStack(frames, pid, pid + random.nextInt(9), "w-" + pid % 7, times);
    }

    private static Frame frame(Random random, boolean mayBeInlined) {
        int which = random.nextInt(400);
        FrameKind kind = KINDS.get(which % KINDS.size());
        String mapping = kind == FrameKind.KERNEL ? "" : "lib" + which % 5 + ".so";
        String buildId = mapping.isEmpty() || which % 3 == 0 ? "" : "beef0" + which % 5;
        if (which % 10 == 0) {
            return new Frame(
                    mapping + "+0x" + which, "", 0, mapping, buildId, 4096L + which, kind, false);
        }
        return new Frame(
                "function·" + which,
                which % 2 == 0 ? "" : "src/f" + which + ".c",
                which % 2 == 0 ? 0 : which,
                mapping,
                buildId,
                0,
                kind,
                mayBeInlined && random.nextInt(3) == 0);
    }

    static List<String> shown(List<WindowProfile> window) {
        List<String> out = new ArrayList<>();
        for (WindowProfile profile : window) {
            out.add(
                    "%s %d %d %d"
                            .formatted(
                                    profile.resource(),
                                    profile.startNanos(),
                                    profile.durationNanos(),
                                    profile.periodNanos()));
            out.addAll(shownStacks(List.of(profile)));
        }
        return out;
    }

    /** Stacks, each with its resource. An inlined frame before another place counts as plain. */
    static List<String> shownStacks(List<WindowProfile> window) {
        List<String> out = new ArrayList<>();
        for (WindowProfile profile : window) {
            for (FoldedStack stack : profile.stacks()) {
                out.add(
                        "%s %d %d %s %s %s"
                                .formatted(
                                        profile.resource().get("service.name"),
                                        stack.pid(),
                                        stack.tid(),
                                        stack.threadName(),
                                        Arrays.toString(stack.timesUnixNanos()),
                                        canonical(stack.frames())));
            }
        }
        return out;
    }

    private static List<Frame> canonical(List<Frame> frames) {
        List<Frame> out = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            Frame f = frames.get(i);
            boolean inlined = f.inlined() && i + 1 < frames.size() && same(f, frames.get(i + 1));
            out.add(
                    new Frame(
                                    f.function(),
                                    f.file(),
                                    f.line(),
                                    f.mapping(),
                                    f.buildId(),
                                    f.address(),
                                    f.kind(),
                                    inlined)
                            .withLowConfidence(f.lowConfidence()));
        }
        return out;
    }

    private static boolean same(Frame one, Frame other) {
        return one.kind() == other.kind()
                && one.lowConfidence() == other.lowConfidence()
                && one.address() == other.address()
                && one.mapping().equals(other.mapping())
                && one.buildId().equals(other.buildId());
    }
}
