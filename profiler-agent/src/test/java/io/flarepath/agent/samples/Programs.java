package io.flarepath.agent.samples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/** Builds the small C programs of these tests. */
public final class Programs {
    private Programs() {}

    /** Compiles a program of the test resources with frame pointers. */
    public static Path compile(String name, Path folder) throws IOException, InterruptedException {
        Path source = folder.resolve(name + ".c");
        try (InputStream in = Programs.class.getResourceAsStream("/programs/" + name + ".c")) {
            if (in == null) {
                throw new IOException("no such program: " + name);
            }
            Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
        }
        Path binary = folder.resolve(name);
        Process gcc =
                new ProcessBuilder(
                                "gcc",
                                "-O1",
                                "-fno-omit-frame-pointer",
                                "-o",
                                binary.toString(),
                                source.toString())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
            throw new IOException("gcc failed: " + output);
        }
        return binary;
    }
}
