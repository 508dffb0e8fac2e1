package io.flarepath.agent.samples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs whose stacks are known, while the kernel keeps the return addresses of their functions
 * for probes, and runs probed instructions elsewhere.
 */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class ReturnProbesKernelTest {
    private static final Duration CPU = Duration.ofMillis(2500);
    private static final Duration FIRST_CPU = Duration.ofMillis(500);
    private static final int AT_ONCE = 2;

    /** The functions of {@code probed.c}, but for main. */
    private static final List<String> FUNCTIONS =
            List.of(
                    "sixty",
                    "thirty",
                    "ten",
                    "innermost",
                    "chained",
                    "jumped",
                    "anew",
                    "a",
                    "b",
                    "deep",
                    "last",
                    "starts",
                    "leaps",
                    "leads",
                    "again",
                    "protects");

    private static final List<String> FUNCTIONS_OF_HANDLER =
            List.of("sixty", "thirty", "ten", "a", "b", "handler", "leaf", "interrupted", "outer");

    private final List<ReturnProbes> probes = new ArrayList<>();
    private List<KnownProgram> programs = List.of();
    private KnownRun run;

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        Path setter = Programs.compile("probes", folder);
        programs = new KnownPrograms(folder).probed();
        Set<String> files = new LinkedHashSet<>();
        programs.forEach(p -> files.add(p.command().getFirst()));
        for (String file : files) {
            List<String> probed = file.endsWith("handler") ? FUNCTIONS_OF_HANDLER : FUNCTIONS;
            probes.add(ReturnProbes.on(setter, Path.of(file), probed));
        }
        // What waits for tables that are still to be made is told elsewhere.
        KnownRun.of(programs, folder, 97, FIRST_CPU, AT_ONCE);
        run = KnownRun.of(programs, folder, 497, CPU, AT_ONCE);
    }

    @AfterAll
    void takeAway() throws Exception {
        for (ReturnProbes some : probes) {
            some.close();
        }
    }

    List<KnownProgram> programs() {
        return programs;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void stacksAreWhole(KnownProgram program) {
        run.assertWhole(program);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void callersAreThoseThatCalled(KnownProgram program) {
        run.assertChains(program);
    }
}
