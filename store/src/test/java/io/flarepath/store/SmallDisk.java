package io.flarepath.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A tmpfs that a test can fill, with a ballast that makes room when it is dropped. */
public final class SmallDisk implements AutoCloseable {
    private final Path mount;

    private SmallDisk(Path mount) {
        this.mount = mount;
    }

    /** Mounts one of 32 MiB, of which the ballast takes 24; skips the test where it cannot. */
    public static SmallDisk mount(Path at) throws IOException {
        Files.createDirectory(at);
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", at.toString()) == 0,
                "a tmpfs cannot be mounted here");
        SmallDisk disk = new SmallDisk(at);
        Files.write(disk.ballast(), new byte[24 << 20]);
        return disk;
    }

    private Path ballast() {
        return mount.resolve("lost+found");
    }

    /** Takes all the room that is left, for good. */
    public void fill() throws IOException {
        try (var out = Files.newOutputStream(mount.resolve("lost+found.more"))) {
            byte[] page = new byte[4096];
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("space")) {
                throw e;
            }
        }
    }

    /** Where it is. */
    public Path path() {
        return mount;
    }

    /** Makes room. */
    public void dropBallast() throws IOException {
        Files.delete(ballast());
    }

    @Override
    public void close() throws IOException {
        if (run("umount", mount.toString()) != 0) {
            // A failed test may have left files open.
            run("umount", "-l", mount.toString());
        }
    }

    private static int run(String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command[0], e);
        }
    }
}
