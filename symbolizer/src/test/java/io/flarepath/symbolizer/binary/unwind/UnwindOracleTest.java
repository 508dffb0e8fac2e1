package io.flarepath.symbolizer.binary.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of large libraries, compared at every address with what readelf says of their call frames.
 */
@Tag("slow")
final class UnwindOracleTest {
    private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

    /** Of the rows of a file, how many may have no rule. */
    private static final double MOST_INEXPRESSIBLE = 0.005;

    @TempDir Path directory;

    private static List<Path> matching(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (var entries = Files.newDirectoryStream(folder, glob)) {
                entries.forEach(path -> found.add(path));
            }
        }
        return found.stream().filter(Files::isRegularFile).sorted().toList();
    }

    private static Path first(List<Path> paths, String what) {
        assertThat(paths).as(what).isNotEmpty();
        return paths.getFirst();
    }

    /** The library of Python, or the interpreter that has it inside. */
    private static Path python() throws IOException {
        List<Path> found = new ArrayList<>(matching(LIBRARIES, "libpython3*.so*"));
        found.addAll(matching(Path.of("/usr/bin"), "python3.[0-9]*"));
        return first(found, "Python");
    }

    private static List<Path> javaMachines() throws IOException {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        Path all = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(all)) {
            try (Stream<Path> entries = Files.list(all)) {
                homes.addAll(entries.sorted().toList());
            }
        }
        List<Path> found = new ArrayList<>();
        for (Path home : homes) {
            Path library = home.resolve("lib/server/libjvm.so");
            if (Files.isRegularFile(library) && !found.contains(library.toRealPath())) {
                found.add(library.toRealPath());
            }
        }
        return found;
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(first(matching(LIBRARIES, "libc.so.6"), "libc"));
        files.add(first(matching(LIBRARIES, "ld-linux-x86-64.so.2"), "the loader"));
        files.add(first(matching(LIBRARIES, "libstdc++.so.6*"), "libstdc++"));
        files.add(first(matching(LIBRARIES, "libcrypto.so.*"), "libcrypto"));
        files.add(python());
        List<Path> machines = javaMachines();
        assertThat(machines).as("libjvm.so").isNotEmpty();
        files.addAll(machines);
        files.add(first(matching(LIBRARIES, "libLLVM*.so.*"), "libLLVM"));
        return files;
    }

    @Test
    void tablesSayAtEveryAddressWhatReadelfSays() throws IOException {
        List<Path> files = files();
        assertThat(files).hasSizeGreaterThanOrEqualTo(7);
        for (Path file : files) {
            var compiled = UnwindTables.compile(directory, file);
            var result = compiled.result();
            var oracle = FrameOracle.compare(file, ".eh_frame", compiled.table());
            System.out.printf(
                    "%s: %d FDEs, %d rows of readelf, %d of the table, %d rules, %d bytes, %d ms;"
                            + " %d addresses compared, %d rows without a rule, %d damaged, %s%n",
                    file,
                    oracle.entries(),
                    oracle.rows(),
                    compiled.table().rowCount(),
                    compiled.table().ruleCount(),
                    compiled.table().bytes(),
                    compiled.millis(),
                    oracle.addresses(),
                    oracle.inexpressible().size(),
                    result.damaged(),
                    result.sources());
            oracle.inexpressible().forEach(row -> System.out.println("  no rule: " + row));
            assertThat(oracle.differences()).as(file.toString()).isEmpty();
            assertThat(oracle.entries()).as("FDEs of " + file).isGreaterThan(20);
            assertThat(result.damaged()).as("damaged entries of " + file).isZero();
            assertThat(result.ranges()).as("FDEs of " + file).isEqualTo(oracle.entries());
            assertThat(result.inexpressible()).isEqualTo(oracle.inexpressible().size());
            assertThat((double) oracle.inexpressible().size() / oracle.rows())
                    .as("rows without a rule in " + file)
                    .isLessThanOrEqualTo(MOST_INEXPRESSIBLE);
        }
    }
}
