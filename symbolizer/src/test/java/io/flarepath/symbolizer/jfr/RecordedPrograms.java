package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import one.profiler.AsyncProfiler;

/** Runs the programs of {@code programs/recorded} in JVMs of their own, which record themselves. */
final class RecordedPrograms {
    private static final String HOME = "/programs/recorded/";

    private RecordedPrograms() {}

    /** What a program counted, and what was recorded of it. */
    record Run(Path recording, Map<String, Long> counted) {
        long counted(String what) {
            Long value = counted.get(what);
            if (value == null) {
                throw new IllegalStateException("the program did not count " + what);
            }
            return value;
        }
    }

    /** Under the recorder of the JDK that runs the tests. */
    static Run byFlightRecorder(Path directory, int millis) throws IOException {
        return run(directory, "ByFlightRecorder", millis, "");
    }

    /** Under async-profiler with arguments of its own. */
    static Run byAsyncProfiler(Path directory, int millis, String arguments) throws IOException {
        return run(directory, "ByAsyncProfiler", millis, arguments);
    }

    private static Run run(Path directory, String program, int millis, String arguments)
            throws IOException {
        String asyncProfiler =
                AsyncProfiler.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        for (String name : List.of("Recorded", program)) {
            try (InputStream source =
                    RecordedPrograms.class.getResourceAsStream(HOME + name + ".java")) {
                if (source == null) {
                    throw new IllegalStateException("no program " + name);
                }
                Files.write(directory.resolve(name + ".java"), source.readAllBytes());
            }
        }
        String javac = bin.resolve("javac").toString();
        Programs.run(directory, javac, "-cp", asyncProfiler, "Recorded.java", program + ".java");
        Path recording = directory.resolve("made.jfr");
        String out =
                Programs.run(
                        directory,
                        bin.resolve("java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        directory + ":" + asyncProfiler,
                        program,
                        Integer.toString(millis),
                        recording.toString(),
                        arguments);
        Map<String, Long> counted = new HashMap<>();
        out.lines()
                .map(line -> line.split("=", 2))
                .filter(pair -> pair.length == 2)
                .forEach(pair -> counted.put(pair[0], Long.valueOf(pair[1])));
        return new Run(recording, counted);
    }
}
