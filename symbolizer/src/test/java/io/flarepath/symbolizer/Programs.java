package io.flarepath.symbolizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs compilers and binutils, whose results are the ground truth of the tests. */
public final class Programs {
    public static final String C =
            """
            #include <stdio.h>
            #include <unistd.h>
            static volatile long sink;
            __attribute__((noinline)) static void inner(int n) { for (int i = 0; i < n; i++) sink += i; }
            __attribute__((noinline)) void outer(int n) { inner(n); sink++; }
            __attribute__((weak)) void weak_name(void) { sink--; }
            extern void alias_name(void) __attribute__((alias("weak_name")));
            int main(int argc, char **argv) {
              outer(argc); weak_name();
              if (argc > 1) { puts("ready"); fflush(stdout); pause(); }
              return 0;
            }
            """;

    private Programs() {}

    /** Standard output of a command, which must end with 0. */
    public static String run(Path directory, String... command) {
        try {
            Path output = Files.createTempFile(directory, "out", ".txt");
            Process process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectOutput(output.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(List.of(command) + " ended with " + code);
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compiles {@link #C} with gcc. */
    public static Path c(Path directory, String name, String... options) throws IOException {
        Path source = directory.resolve(name + ".c");
        Files.writeString(source, C);
        String[] command = new String[options.length + 5];
        command[0] = "gcc";
        command[1] = "-O1";
        command[2] = "-o";
        command[3] = name;
        command[4] = source.toString();
        System.arraycopy(options, 0, command, 5, options.length);
        run(directory, command);
        return directory.resolve(name);
    }
}
