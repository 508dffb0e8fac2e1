package io.flarepath.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Loads the native library out of the jar. It is copied to a fresh directory that only its owner
 * can enter, below the directory of system property {@value #DIRECTORY} or else of {@code
 * java.io.tmpdir}, and deleted once it is loaded.
 */
final class NativeLibrary {
    /** Where the library is unpacked; needed where the usual place is mounted noexec. */
    static final String DIRECTORY = "flarepath.native.directory";

    private static final String FILE = "libflarepath-bpf.so";
    private static boolean loaded;

    private NativeLibrary() {}

    /** Whether the jar was built with the library for this platform. */
    static boolean present() {
        return NativeLibrary.class.getResource(resource()) != null;
    }

    /**
     * Loads the library, once.
     *
     * @throws UnsupportedOperationException where there is none for this platform
     * @throws BpfException where it cannot be unpacked or linked
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        String resource = resource();
        try (InputStream library = NativeLibrary.class.getResourceAsStream(resource)) {
            if (library == null) {
                throw BpfException.refusal(
                        "load " + resource + ", which the jar does not have",
                        "build it without -Dnative.skip=true, where clang, bpftool and libbpf-dev"
                                + " are installed");
            }
            unpackAndLoad(library, System.getProperty(DIRECTORY));
        } catch (IOException e) {
            throw BpfException.refusal(
                    "unpack " + resource + ": " + e,
                    "name a directory that can be written to by -D" + DIRECTORY);
        } catch (UnsatisfiedLinkError e) {
            throw BpfException.refusal(
                    "link " + resource + ": " + e.getMessage(),
                    "install libbpf1, libelf1 and zlib1g; where the directory is mounted noexec,"
                            + " name another by -D"
                            + DIRECTORY);
        }
        loaded = true;
    }

    private static String resource() {
        return resource(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /** Resource with the library for a platform; UnsupportedOperationException where none is. */
    static String resource(String os, String architecture) {
        String cpu = architecture.equals("amd64") ? "x86_64" : architecture;
        if (!os.toLowerCase(Locale.ROOT).equals("linux") || !cpu.equals("x86_64")) {
            throw new UnsupportedOperationException(
                    "sampling works on linux x86_64 only, and this is " + os + " " + architecture);
        }
        return "/META-INF/native/linux-x86_64/" + FILE;
    }

    private static void unpackAndLoad(InputStream library, @Nullable String parent)
            throws IOException {
        var owner =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path directory =
                parent == null
                        ? Files.createTempDirectory("flarepath-", owner)
                        : Files.createTempDirectory(
                                Files.createDirectories(Path.of(parent)), "flarepath-", owner);
        Path file = directory.resolve(FILE);
        try {
            Files.copy(library, file);
            loadFile(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    // Restricted, since native code can do anything: it is our own, and the launcher grants it.
    @SuppressWarnings("restricted")
    private static void loadFile(Path file) {
        System.load(file.toAbsolutePath().toString());
    }
}
