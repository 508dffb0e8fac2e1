package io.flarepath.agent.recordings;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A JVM that runs {@code programs/recorded/Counted.java}. */
final class CountedJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    CountedJvm(Path directory, Path home, String... options) throws Exception {
        try (InputStream source =
                CountedJvm.class.getResourceAsStream("/programs/recorded/Counted.java")) {
            if (source == null) {
                throw new IllegalStateException("no program");
            }
            Files.write(directory.resolve("Counted.java"), source.readAllBytes());
        }
        Path javac = Path.of(System.getProperty("java.home"), "bin", "javac");
        Process compiled =
                new ProcessBuilder(javac.toString(), "--release", "11", "Counted.java")
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (compiled.waitFor() != 0) {
            throw new IllegalStateException("the program does not compile");
        }
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/java").toString());
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", directory.toString(), "Counted"));
        process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        counted();
    }

    /** The JDKs of this machine: what it starts by default, and the one that runs the tests. */
    static Stream<Path> homes() throws IOException {
        Path java = Path.of("/usr/bin/java").toRealPath();
        return Stream.of(
                java.resolve("../..").normalize(), Path.of(System.getProperty("java.home")));
    }

    int pid() {
        return Math.toIntExact(process.pid());
    }

    /** Bytes allocated, nanoseconds waited, and waits since the last call. */
    long[] counted() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        String line = out.readLine();
        if (line == null) {
            throw new IOException("the program ended");
        }
        return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
    }

    boolean alive() {
        return process.isAlive();
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
