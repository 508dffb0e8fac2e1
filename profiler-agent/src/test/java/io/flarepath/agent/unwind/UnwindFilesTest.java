package io.flarepath.agent.unwind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.unwind.TableSource.Progress;
import io.flarepath.bpf.FileReference;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real builder process, with the libraries of this machine's C compiler and JDK. */
final class UnwindFilesTest {
    private static final long BYTES = 64 << 20;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int PID = (int) ProcessHandle.current().pid();

    @TempDir Path directory;

    private final MetricRegistry registry = new MetricRegistry();

    private UnwindFiles start(MetricRegistry metrics) throws IOException {
        return UnwindFiles.start(directory.resolve("tables"), BYTES, metrics);
    }

    private static Path library(String name) {
        return Path.of(System.getProperty("java.home"), "lib", name);
    }

    /** The C compiler proper, whose call frames take some megabytes. */
    private static Path compiler() throws Exception {
        Process process = new ProcessBuilder("gcc", "-print-prog-name=cc1").start();
        return Path.of(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
    }

    private static long count(MetricRegistry metrics, String result) {
        return Objects.requireNonNull(
                metrics.counters().get("unwind_tables_total{result=\"" + result + "\"}"));
    }

    private static Executable find(UnwindFiles files, Path file) throws IOException {
        Executable executable = Executable.open(file);
        files.found(executable, file, PID, file.toString());
        return executable;
    }

    private static UnwindTable open(UnwindFiles files, Executable executable) {
        return Objects.requireNonNull(files.open(executable.identity()));
    }

    private static void awaitProgress(UnwindFiles files, Executable executable, Progress wanted) {
        await().atMost(LONG).until(() -> files.progress(executable.identity()) != Progress.WAITING);
        assertThat(files.progress(executable.identity())).isEqualTo(wanted);
    }

    /** All addresses of a table, in steps, as the compiler gives them in this process. */
    private void agreesWithTheCompiler(UnwindTable table, Path file) throws IOException {
        Path target = directory.resolve("own.unwind");
        DebugFiles debugFiles = new DebugFiles(List.of(Path.of("/")), file.toString());
        try (FileChannel channel = FileChannel.open(file)) {
            new UnwindCompiler(debugFiles, directory).compile(ByteSource.of(channel), target);
        }
        try (UnwindTable own = UnwindTable.open(target)) {
            assertThat(table.rowCount()).isEqualTo(own.rowCount()).isPositive();
            assertThat(table.pageCount()).isEqualTo(own.pageCount());
            long end = (own.pageBase() + own.pageCount()) << 16;
            for (long address = own.pageBase() << 16; address < end; address += 13) {
                assertThat(table.find(address)).isEqualTo(own.find(address));
            }
        }
    }

    @Test
    void aTableIsMadeAndTheNextAgentFindsIt() throws Exception {
        Path file = library("libjava.so");
        Executable executable;
        try (UnwindFiles files = start(registry)) {
            executable = find(files, file);
            awaitProgress(files, executable, Progress.READY);
            try (UnwindTable table = open(files, executable)) {
                assertThat(table.hasRules()).isTrue();
                agreesWithTheCompiler(table, file);
            }
        }
        assertThat(count(registry, "built")).isEqualTo(1);
        MetricRegistry next = new MetricRegistry();
        try (UnwindFiles files = start(next)) {
            assertThat(files.progress(executable.identity())).isEqualTo(Progress.READY);
            find(files, file);
            awaitProgress(files, executable, Progress.READY);
            assertThat(count(next, "built")).isZero();
        }
    }

    @Test
    void aLargeOneIsMadeByTheBuilder() throws Exception {
        Path file = compiler();
        try (UnwindFiles files = start(registry)) {
            Executable executable = find(files, file);
            awaitProgress(files, executable, Progress.READY);
            assertThat(ProcessHandle.current().children()).isNotEmpty();
            try (UnwindTable table = open(files, executable)) {
                agreesWithTheCompiler(table, file);
            }
        }
        await().atMost(LONG).until(() -> ProcessHandle.current().children().findAny().isEmpty());
    }

    @Test
    void aFileThatIsHeldOpenIsReadAfterItsNameIsGone() throws Exception {
        Path copy = Files.copy(library("libzip.so"), directory.resolve("gone.so"));
        Executable executable = Executable.open(copy);
        try (FileReference held = Objects.requireNonNull(FileReference.of(copy.toString()));
                UnwindFiles files = start(registry)) {
            Files.delete(copy);
            files.found(executable, held.path(), PID, copy.toString());
            awaitProgress(files, executable, Progress.READY);
            try (UnwindTable table = open(files, executable)) {
                agreesWithTheCompiler(table, library("libzip.so"));
            }
        }
    }

    @Test
    void whatIsNoProgramWhenItIsReadHasNoTableAndIsTriedOnce() throws Exception {
        Path file = Files.copy(library("libzip.so"), directory.resolve("changed.so"));
        Executable executable = Executable.open(file);
        Files.write(file, new byte[100_000]);
        try (UnwindFiles files = start(registry)) {
            files.found(executable, file, PID, file.toString());
            awaitProgress(files, executable, Progress.NONE);
            files.found(executable, file, PID, file.toString());
            assertThat(files.progress(executable.identity())).isEqualTo(Progress.NONE);
            assertThat(count(registry, "failed")).isEqualTo(1);
            // The builder is there for the next one.
            awaitProgress(files, find(files, library("libnio.so")), Progress.READY);
        }
    }

    @Test
    void aTableOfAnotherFileIsNotTaken() throws Exception {
        Path file = Files.copy(library("libzip.so"), directory.resolve("replaced.so"));
        Executable before = Executable.open(file);
        Files.copy(library("libnio.so"), file, StandardCopyOption.REPLACE_EXISTING);
        try (UnwindFiles files = start(registry)) {
            files.found(before, file, PID, file.toString());
            awaitProgress(files, before, Progress.NONE);
            assertThat(files.open(before.identity())).isNull();
        }
    }

    @Test
    void aDamagedTableIsMadeAnew() throws Exception {
        Path file = library("libnio.so");
        Executable executable;
        try (UnwindFiles files = start(registry)) {
            executable = find(files, file);
            awaitProgress(files, executable, Progress.READY);
        }
        List<Path> tables = new ArrayList<>();
        try (DirectoryStream<Path> paths =
                Files.newDirectoryStream(directory.resolve("tables"), "*.unwind")) {
            paths.forEach(tables::add);
        }
        assertThat(tables).hasSize(1);
        byte[] bytes = Files.readAllBytes(tables.getFirst());
        bytes[bytes.length / 2] ^= 1;
        Files.write(tables.getFirst(), bytes);
        MetricRegistry next = new MetricRegistry();
        try (UnwindFiles files = start(next)) {
            find(files, file);
            awaitProgress(files, executable, Progress.READY);
            assertThat(count(next, "built")).isEqualTo(1);
            try (UnwindTable table = open(files, executable)) {
                agreesWithTheCompiler(table, file);
            }
        }
    }

    @Test
    void theVdsoHasATable() throws Exception {
        try (UnwindFiles files = start(registry)) {
            Executable vdso = Objects.requireNonNull(files.vdso());
            awaitProgress(files, vdso, Progress.READY);
            try (UnwindTable table = open(files, vdso)) {
                assertThat(table.hasRules()).isTrue();
            }
        }
    }

    @Test
    void theBuilderWorksAtOnceAndThenAPartOfTheTime() {
        BuildPace pace = new BuildPace(100, 4, 0);
        assertThat(pace.restNanos(60, 60)).isZero();
        assertThat(pace.restNanos(40, 100)).isZero();
        long rest = pace.restNanos(80, 180);
        // 240 of work but for what came back in 180.
        assertThat(rest).isBetween(120L, 240L);
        assertThat(pace.restNanos(0, 180 + rest)).isZero();
        assertThat(pace.restNanos(100, 100_000)).isZero();
        assertThat(pace.restNanos(1, 100_001)).isPositive();
    }
}
