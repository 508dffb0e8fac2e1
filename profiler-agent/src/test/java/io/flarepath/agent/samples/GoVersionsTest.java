package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    private static final Pattern FOLDER = Pattern.compile("\"Dir\": \"([^\"]+)\"");

    private List<KnownProgram> programs = List.of();
    private KnownRun run;

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        KnownPrograms known = new KnownPrograms(folder);
        programs = new ArrayList<>();
        for (String version : VERSIONS) {
            String go = toolchain(version, folder);
            programs.add(known.go("go-" + version, go));
            programs.add(known.go("go-" + version + "-stripped", go, "-ldflags=-s -w"));
            programs.add(known.cgo("go-" + version + "-cgo", go));
        }
        run = KnownRun.of(programs, folder, 497, Duration.ofMillis(1500), 4);
    }

    /** The command of a version, from its toolchain module. */
    private static String toolchain(String version, Path folder) throws Exception {
        String module = "golang.org/toolchain@v0.0.1-go" + version + ".linux-amd64";
        String answer;
        try {
            answer = KnownPrograms.run(List.of("go", "mod", "download", "-json", module), folder);
        } catch (IOException e) {
            throw new IOException("Go " + version + " is needed, and cannot be had: " + module, e);
        }
        Matcher matcher = FOLDER.matcher(answer);
        if (!matcher.find()) {
            throw new IOException("no folder of " + module + " in " + answer);
        }
        Path root = Path.of(matcher.group(1));
        // A module has no executable files. Go sets their bits, too, when it changes to a
        // toolchain.
        for (String tools : List.of("bin", "pkg/tool/linux_amd64")) {
            try (Stream<Path> files = Files.list(root.resolve(tools))) {
                for (Path file : files.toList()) {
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString("r-xr-xr-x"));
                }
            }
        }
        return root.resolve("bin/go").toString();
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
