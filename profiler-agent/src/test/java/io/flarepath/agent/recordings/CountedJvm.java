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

    /** With namespaces, a /tmp and a user of its own, as in a container. */
    private static final String CONTAINED =
            "mkdir t && mount -t tmpfs -o mode=1777 t t && cp *.class t && chmod a+r t/*.class"
                    + " && mount --bind t /tmp && cd /"
                    + " && exec setpriv --reuid 65534 --regid 65534 --clear-groups"
                    + " \"$0\" -cp /tmp Counted";

    static CountedJvm contained(Path directory, Path home) throws Exception {
        return new CountedJvm(
                directory,
                List.of(
                        "unshare",
                        "-m",
                        "-p",
                        "-n",
                        "-i",
                        "-f",
                        "--kill-child",
                        "--mount-proc",
                        "sh",
                        "-c",
                        CONTAINED,
                        home.resolve("bin/java").toString()));
    }

    CountedJvm(Path directory, Path home, String... options) throws Exception {
        this(directory, command(directory, home, options));
    }

    private static List<String> command(Path directory, Path home, String... options) {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/java").toString());
        command.addAll(Arrays.asList(options));
        command.addAll(List.of("-cp", directory.toString(), "Counted"));
        return command;
    }

    private CountedJvm(Path directory, List<String> command) throws Exception {
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
        ProcessHandle jvm =
                process.descendants()
                        .filter(one -> one.info().command().orElse("").endsWith("/java"))
                        .findFirst()
                        .orElse(process.toHandle());
        return Math.toIntExact(jvm.pid());
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
