package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs whose stacks and shares are known, built as people build releases: without frame
 * pointers. All of them run under one agent, a few at a time: shares are those of each one's own
 * samples.
 */
@Tag("kernel")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnownStacksKernelTest {
    private static final Duration CPU = Duration.ofMillis(2500);
    private static final int AT_ONCE = 4;

    private List<KnownProgram> programs = List.of();
    private KnownRun run;

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        KnownPrograms known = new KnownPrograms(folder);
        programs = new ArrayList<>(known.ofC());
        programs.addAll(known.ofRust());
        programs.add(known.go("go", "go"));
        programs.add(known.go("go-stripped", "go", "-ldflags=-s -w"));
        programs.add(known.go("go-pie", "go", "-buildmode=pie"));
        programs.add(known.cgo("go-cgo", "go"));
        run = KnownRun.of(programs, folder, 497, CPU, AT_ONCE);
    }

    List<KnownProgram> programs() {
        return programs;
    }

    List<KnownProgram> programsWithShares() {
        return programs.stream().filter(p -> !p.shares().isEmpty()).toList();
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
    @MethodSource("programsWithShares")
    void sharesAreThoseOfTheTimeTaken(KnownProgram program) {
        run.assertShares(program);
    }

    @Test
    void codeOfTheVdsoHasItsCallers() {
        KnownProgram clock = named("vdso");
        long inVdso = run.count(clock, s -> s.frames().getFirst().mapping().equals("[vdso]"));
        long all = run.count(clock, s -> true);
        assertThat(inVdso / (double) all).as(run.most(clock)).isGreaterThan(0.2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plt-lazy", "plt-ibt"})
    void stubsOfTheLinkageTableHaveTheirCallers(String name) {
        KnownProgram program = named(name);
        long inStub = run.count(program, s -> isStubOf(program, s));
        long all = run.count(program, s -> true);
        assertThat(inStub / (double) all).as(run.most(program)).isGreaterThan(0.02);
    }

    /** Whether the leaf is code of the program that is none of its functions, called by hammers. */
    private static boolean isStubOf(KnownProgram program, FoldedStack stack) {
        Frame leaf = stack.frames().getFirst();
        return leaf.mapping().equals(program.file())
                && List.of("hammers", "holds", "main").stream()
                        .noneMatch(f -> f.equals(leaf.function()))
                && stack.frames().size() > 1
                && stack.frames().get(1).function().equals("hammers");
    }

    @Test
    void systemCallsHaveKernelFramesAboveTheirCallers() {
        KnownProgram reads = named("system-calls");
        long inKernel =
                run.count(
                        reads,
                        s ->
                                s.frames().getFirst().kind() == FrameKind.KERNEL
                                        && s.frames().stream()
                                                .anyMatch(f -> f.function().equals("a")));
        assertThat(inKernel / (double) run.count(reads, s -> true))
                .as(run.most(reads))
                .isGreaterThan(0.5);
    }

    @Test
    void alignedStacksAreReallyUnwoundByAnExpression() throws Exception {
        String file = named("aligned-stack").command().getFirst();
        String rules =
                KnownPrograms.run(
                        List.of("readelf", "-W", "--debug-dump=frames", file), Path.of("."));
        assertThat(rules).contains("DW_CFA_def_cfa_expression (DW_OP_breg6 (rbp): -");
    }

    private KnownProgram named(String name) {
        return programs.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    }
}
