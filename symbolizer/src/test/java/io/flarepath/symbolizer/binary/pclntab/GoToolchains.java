package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Go compilers of other versions. The installed go command fetches them as modules, through
 * whatever proxy its environment names, and keeps them with its modules.
 */
public final class GoToolchains {
    /** One of each layout of the table and of the prologue; the oldest and the newest we read. */
    public static final List<String> VERSIONS =
            List.of("1.16.15", "1.18.10", "1.21.13", "1.24.9", "1.26.0");

    private static final Map<String, Path> FOUND = new ConcurrentHashMap<>();

    private GoToolchains() {}

    /**
     * The go command of a version.
     *
     * @param directory where the installed one may run
     * @throws IllegalStateException if it cannot be had; the go command said why on standard error
     */
    public static Path command(Path directory, String version) {
        return FOUND.computeIfAbsent(version, v -> find(directory, v));
    }

    private static Path find(Path directory, String version) {
        String root;
        try {
            root =
                    Programs.run(
                                    directory,
                                    "env",
                                    "GOTOOLCHAIN=go" + version,
                                    "GOFLAGS= ",
                                    "go",
                                    "env",
                                    "GOROOT")
                            .strip();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "go "
                            + version
                            + " cannot be had: the installed go (1.21 or later) fetches it as the"
                            + " module golang.org/toolchain from GOPROXY",
                    e);
        }
        Path command = Path.of(root, "bin", "go");
        if (!Files.isExecutable(command)) {
            throw new IllegalStateException("there is no " + command);
        }
        return command;
    }

    /** Builds a program from one file, with nothing but the compiler's own packages. */
    public static Path build(
            Path directory, String version, String name, Path source, String... options)
            throws IOException {
        boolean usesC = Files.readString(source).contains("import \"C\"");
        String[] command = new String[options.length + 10];
        command[0] = "env";
        command[1] = "GOTOOLCHAIN=local";
        command[2] = "GOFLAGS= ";
        command[3] = "GO111MODULE=off";
        command[4] = "CGO_ENABLED=" + (usesC ? 1 : 0);
        command[5] = command(directory, version).toString();
        command[6] = "build";
        command[7] = "-o";
        command[8] = name;
        System.arraycopy(options, 0, command, 9, options.length);
        command[command.length - 1] = source.toString();
        Programs.run(directory, command);
        return directory.resolve(name);
    }
}
