package io.flarepath.agent.samples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The known Go program, as the toolchains of ten years build it. A version that cannot be had
 * fails.
 */
@Tag("slow")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoVersionsTest {
    private static final List<String> VERSIONS =
            List.of("1.16.15", "1.18.10", "1.21.13", "1.24.9", "1.26.0");

    private List<KnownProgram> programs = List.of();
    private KnownRun run;

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        KnownPrograms known = new KnownPrograms(folder);
        programs = new ArrayList<>();
        for (String version : VERSIONS) {
            String go = GoToolchain.command(version, folder);
            programs.add(known.go("go-" + version, go));
            programs.add(known.go("go-" + version + "-stripped", go, "-ldflags=-s -w"));
            programs.add(known.cgo("go-" + version + "-cgo", go));
        }
        run = KnownRun.of(programs, folder, 497, Duration.ofMillis(1500), 4);
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

    @ParameterizedTest
    @MethodSource("programs")
    void sharesAreThoseOfTheTimeTaken(KnownProgram program) {
        run.assertShares(program);
    }
}
