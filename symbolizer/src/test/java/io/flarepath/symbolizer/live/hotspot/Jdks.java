package io.flarepath.symbolizer.live.hotspot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The JDKs of this machine that the tests observe. */
final class Jdks {
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/lib/jvm"), Path.of("/opt"), Path.of("/usr/java"));

    private Jdks() {}

    /** The home of a JDK of a feature release; that there is none fails the test. */
    static Path home(int major) {
        Path own = Path.of(System.getProperty("java.home"));
        return Stream.concat(Stream.of(own), PLACES.stream().flatMap(Jdks::directories))
                .filter(home -> Files.isExecutable(home.resolve("bin/javac")))
                .filter(home -> major(home) == major)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                "the test needs a JDK " + major + " below " + PLACES));
    }

    private static Stream<Path> directories(Path place) {
        if (!Files.isDirectory(place)) {
            return Stream.of();
        }
        try (Stream<Path> entries = Files.list(place)) {
            return entries.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int major(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=\""))
                    .map(line -> line.replaceAll("^JAVA_VERSION=\"([0-9]+).*", "$1"))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
