package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A C program of the test resources, compiled with frame pointers and at fixed addresses. */
record TestProgram(Path file) {
    static TestProgram compile(Path directory, String name, String... libraries)
            throws IOException, InterruptedException {
        Path source = directory.resolve(name + ".c");
        try (InputStream in = TestProgram.class.getResourceAsStream("/programs/" + name + ".c")) {
            assertThat(in).isNotNull();
            Files.copy(in, source);
        }
        Path file = directory.resolve(name);
        List<String> gcc = new ArrayList<>(List.of("gcc", "-O1", "-fno-omit-frame-pointer"));
        gcc.addAll(List.of("-no-pie", "-o", file.toString(), source.toString()));
        gcc.addAll(List.of(libraries));
        run(gcc.toArray(String[]::new));
        return new TestProgram(file);
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Functions of the program by address. */
    NavigableMap<Long, String> functions() throws IOException, InterruptedException {
        TreeMap<Long, String> functions = new TreeMap<>();
        run("nm", file.toString())
                .lines()
                .map(line -> line.split(" "))
                .filter(parts -> parts.length == 3 && parts[1].equalsIgnoreCase("t"))
                .forEach(parts -> functions.put(Long.parseLong(parts[0], 16), parts[2]));
        return functions;
    }

    static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = output(process);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
