package io.flarepath.agent.recordings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is done in a JVM's container: each step is a child process that joins its namespaces and
 * becomes its user ({@code target_jvm.c}), so that this process touches no file of the target.
 */
final class TargetJvm {
    private static final long PATIENCE_SECONDS = 130;
    private static final int MOST_TEXT = 64 << 10;

    private final Path program;
    private final Path library;
    private final Path folder;
    private final TargetProcess target;

    /**
     * @param program the unpacked helper
     * @param library the unpacked library of async-profiler
     * @param folder for what the children print
     */
    TargetJvm(Path program, Path library, Path folder, TargetProcess target) {
        this.program = program;
        this.library = library;
        this.folder = folder;
        this.target = target;
    }

    /** Copies the library to a new directory of the target's, and names it. */
    String install(String name, long neededBytes)
            throws RecordingFailedException, InterruptedException {
        return run(library, null, "install", name, Long.toString(neededBytes)).strip();
    }

    /** Loads the library, or, when it is loaded, gives it a command. */
    void load(String directory, String options)
            throws RecordingFailedException, InterruptedException {
        run(null, null, "load", directory + "/libasyncProfiler.so", options);
    }

    /** Size of a file, and how many bytes are free beside it. */
    long[] size(String file) throws RecordingFailedException, InterruptedException {
        String[] numbers = run(null, null, "size", file).strip().split(" ", -1);
        return new long[] {Long.parseLong(numbers[0]), Long.parseLong(numbers[1])};
    }

    /** Copies a file to ours. */
    void fetch(String file, long mostBytes, Path to)
            throws RecordingFailedException, InterruptedException {
        run(null, to, "fetch", file, Long.toString(mostBytes));
    }

    /** Removes a directory and what is in it. */
    void remove(String directory) throws RecordingFailedException, InterruptedException {
        run(null, null, "remove", directory);
    }

    private String run(@Nullable Path input, @Nullable Path output, String... words)
            throws RecordingFailedException, InterruptedException {
        target.check();
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add(Integer.toString(target.pid()));
        command.addAll(List.of(words));
        Path out = output == null ? folder.resolve("out") : output;
        Path err = folder.resolve("err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().clear();
            builder.redirectInput(input == null ? Path.of("/dev/null").toFile() : input.toFile());
            builder.redirectOutput(out.toFile()).redirectError(err.toFile());
            Process process = builder.start();
            await(process);
            if (process.exitValue() != 0) {
                String why = text(err).strip();
                throw new RecordingFailedException(
                        why.isEmpty() ? "the helper ended with " + process.exitValue() : why);
            }
            return output == null ? text(out) : "";
        } catch (IOException e) {
            throw new RecordingFailedException("the helper cannot be run: " + e.getMessage());
        }
    }

    /** A step that was begun is ended even when the recording is broken off meanwhile. */
    private void await(Process process) throws RecordingFailedException, InterruptedException {
        try {
            if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
            throw e;
        }
        throw new RecordingFailedException(
                "what was to be done in process " + target.pid() + " took too long");
    }

    private static String text(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_TEXT), StandardCharsets.UTF_8);
        }
    }
}
