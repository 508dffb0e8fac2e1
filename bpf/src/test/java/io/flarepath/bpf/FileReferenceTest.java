package io.flarepath.bpf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReferenceTest {
    @TempDir Path folder;

    private static FileReference refer(Path path) {
        return Objects.requireNonNull(FileReference.of(path.toString()), path::toString);
    }

    @Test
    void theStateIsWhatTheFileSystemTells() throws Exception {
        Path file = Files.writeString(folder.resolve("größer als 1"), "content");
        try (FileReference reference = refer(file)) {
            assertThat(reference.size()).isEqualTo(7);
            assertThat(reference.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
            assertThat(reference.device()).isEqualTo(Files.getAttribute(file, "unix:dev"));
            assertThat(reference.modifiedNanos())
                    .isEqualTo(Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
        }
    }

    @Test
    void aFileIsReadAfterItsNameIsGoneOrAnothers() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "first");
        try (FileReference reference = refer(file)) {
            Files.delete(file);
            assertThat(content(reference)).isEqualTo("first");
            Files.writeString(file, "second");
            assertThat(content(reference)).isEqualTo("first");
        }
    }

    @Test
    void anotherProcessOpensItByItsName() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "seen by others");
        try (FileReference reference = refer(file)) {
            Files.delete(file);
            Process cat = new ProcessBuilder("cat", reference.path().toString()).start();
            assertThat(new String(cat.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("seen by others");
            assertThat(cat.waitFor()).isZero();
        }
    }

    @Test
    void whatIsNoRegularFileIsNone() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        assertThat(FileReference.of(pipe.toString())).isNull();
        assertThat(FileReference.of(folder.toString())).isNull();
        assertThat(FileReference.of("/dev/null")).isNull();
        assertThat(FileReference.of(folder.resolve("absent").toString())).isNull();
        assertThat(FileReference.of("/proc/self/stat\0tail")).isNull();
        assertThat(FileReference.of("/" + "x".repeat(5000))).isNull();
    }

    @Test
    void itsDescriptorIsGivenBackOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "content");
        FileReference first = refer(file);
        Path name = first.path();
        first.close();
        assertThat(name).doesNotExist();
        try (FileReference second = refer(file)) {
            first.close();
            assertThat(content(second)).isEqualTo("content");
        }
    }

    private static String content(FileReference reference) throws IOException {
        try (FileChannel channel = reference.read()) {
            ByteBuffer bytes = ByteBuffer.allocate(100);
            channel.read(bytes);
            return new String(bytes.array(), 0, bytes.position(), UTF_8);
        }
    }
}
