package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Versions of Go, from their toolchain modules, which the installed one fetches. */
final class GoToolchain {
    private static final Pattern FOLDER = Pattern.compile("\"Dir\": \"([^\"]+)\"");

    /** Comes before a command: settings of this machine may be of words that old ones lack. */
    static final List<String> OWN_SETTINGS =
            List.of("env", "GOENV=off", "GOFLAGS=", "GOTOOLCHAIN=local");

    private GoToolchain() {}

    /**
     * The command of a version.
     *
     * @param folder to run in; not in a module
     * @throws IOException if that version cannot be had
     */
    static String command(String version, Path folder) throws Exception {
        String module = "golang.org/toolchain@v0.0.1-go" + version + ".linux-amd64";
        String answer;
        try {
            answer = KnownPrograms.run(List.of("go", "mod", "download", "-json", module), folder);
        } catch (IOException e) {
            throw new IOException("Go " + version + " is needed, and cannot be had: " + module, e);
        }
        Matcher matcher = FOLDER.matcher(answer);
        if (!matcher.find()) {
            throw new IOException("no folder of " + module + " in " + answer);
        }
        Path root = Path.of(matcher.group(1));
        // A module has no executable files. Go sets their bits, too, when it changes to a
        // toolchain.
        for (String tools : List.of("bin", "pkg/tool/linux_amd64")) {
            try (Stream<Path> files = Files.list(root.resolve(tools))) {
                for (Path file : files.toList()) {
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString("r-xr-xr-x"));
                }
            }
        }
        return root.resolve("bin/go").toString();
    }
}
