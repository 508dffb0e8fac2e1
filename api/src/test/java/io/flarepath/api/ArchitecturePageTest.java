package io.flarepath.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page that follows one sample must name files that are there. */
class ArchitecturePageTest {
    private static final Pattern PATH =
            Pattern.compile(
                    "`((?:api|bpf|deploy|flamegraph-ui|profiler-agent|store|symbolizer)/[^`\\s]+/[^`\\s]*)`");

    @Test
    void everyFileThatItNamesExists() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        List<String> named =
                PATH.matcher(Files.readString(root.resolve("docs/architecture.md")))
                        .results()
                        .map(match -> match.group(1))
                        .toList();
        assertThat(named).hasSizeGreaterThan(20);
        assertThat(named).allSatisfy(path -> assertThat(root.resolve(path)).exists());
    }
}
