package io.flarepath.agent.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.processes.Resource;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StackWindowTest {
    private static final Resource ONE =
            new Resource(0, new TreeMap<>(Map.of("service.name", "one")));
    private static final Resource TWO =
            new Resource(1, new TreeMap<>(Map.of("service.name", "two")));

    @Test
    void foldsEqualStacksOfAThread() {
        StackWindow window = new StackWindow();
        window.fold(ONE, 1, 1, stack("a", "main")).add("t", 10);
        window.fold(ONE, 1, 1, stack("a", "main")).add("t2", 20);
        window.fold(ONE, 1, 2, stack("a", "main")).add("u", 30);
        window.fold(TWO, 3, 3, stack("a", "main")).add("v", 40);

        List<WindowProfile> profiles = window.take(0, 100, 7);

        assertThat(profiles).hasSize(2);
        WindowProfile one =
                profiles.stream()
                        .filter(p -> p.resource().containsValue("one"))
                        .findFirst()
                        .orElseThrow();
        assertThat(one.stacks()).hasSize(2);
        assertThat(one.samples()).isEqualTo(3);
        FoldedStack first =
                one.stacks().stream().filter(s -> s.tid() == 1).findFirst().orElseThrow();
        assertThat(first.timesUnixNanos()).containsExactly(10, 20);
        assertThat(first.threadName()).isEqualTo("t2");
        assertThat(window.take(100, 100, 7)).isEmpty();
    }

    @Test
    void losesNoSampleWhenItIsFull() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        StackWindow window = new StackWindow(50);
        for (int i = 0; i < 5_000; i++) {
            Resource resource = random.nextBoolean() ? ONE : TWO;
            Frame[] frames = stack("f" + random.nextInt(400), "main");
            window.fold(resource, 1, random.nextInt(4), frames).add("t", i);
        }

        List<WindowProfile> profiles = window.take(0, 1, 1);

        assertThat(profiles.stream().mapToLong(WindowProfile::samples).sum())
                .as("seed %d", seed)
                .isEqualTo(5_000);
        assertThat(profiles)
                .allSatisfy(p ->
                        assertThat(p.stacks())
                                .anyMatch(s ->
                                        s.frames()
                                                .getFirst()
                                                .function()
                                                .equals("[stack table full]")));
        assertThat(window.overflowed()).isPositive();
    }

    private static Frame[] stack(String... names) {
        Frame[] frames = new Frame[names.length];
        for (int i = 0; i < names.length; i++) {
            frames[i] = new Frame(names[i], "", 0, "x", "", 0, FrameKind.NATIVE, false);
        }
        return frames;
    }
}
