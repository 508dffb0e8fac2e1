package io.flarepath.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The program that joins a JVM's namespaces, takes its ids, and attaches to it ({@code
 * target/target_jvm.c}).
 */
public final class TargetJvmProgram {
    private static final String RESOURCE = "/META-INF/native/linux-x86_64/flarepath-target-jvm";

    private TargetJvmProgram() {}

    /**
     * Copies the program out of the jar.
     *
     * @param directory where only its owner may write
     * @return the program, which can be run
     * @throws UnsupportedOperationException where the jar was built without it
     */
    public static Path unpack(Path directory) throws IOException {
        try (InputStream program = TargetJvmProgram.class.getResourceAsStream(RESOURCE)) {
            if (program == null) {
                throw new UnsupportedOperationException(
                        "this jar was built without native code (-Dnative.skip=true)");
            }
            Path file = directory.resolve("flarepath-target-jvm");
            Files.copy(program, file, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            return file;
        }
    }
}
