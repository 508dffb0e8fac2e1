package io.flarepath.agent.symbols;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.bpf.FileReference;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real builder process, with programs that gcc made. */
final class SymbolFilesTest {
    private static final long BYTES = 64 << 20;
    private static final int PID = (int) ProcessHandle.current().pid();

    @TempDir Path directory;

    private Path program(String name, String... options) throws Exception {
        Path source = directory.resolve(name + ".c");
        Files.writeString(
                source,
                """
                static inline int twice(volatile int *p) { return *p * 7 + *p; }
                __attribute__((noinline)) int work(volatile int *p) {
                  int s = 0;
                  while (*p) s ^= twice(p);
                  return s;
                }
                int main(int argc, char **argv) { volatile int n = argc; return work(&n); }
                """);
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-o", name));
        command.addAll(List.of(options));
        command.add(source.toString());
        run(command);
        return directory.resolve(name);
    }

    private void run(List<String> command) throws Exception {
        Process process =
                new ProcessBuilder(command).directory(directory.toFile()).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private SymbolFiles start(MetricRegistry registry) throws IOException {
        return SymbolFiles.start(directory.resolve("symbols"), BYTES, registry);
    }

    private static long count(MetricRegistry registry, String result) {
        Map<String, Long> counters = registry.counters();
        return counters.entrySet().stream()
                .filter(e -> e.getKey().contains("symbol_files") && e.getKey().contains(result))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Frames at each address of the function, as far as some are inlined. */
    private static List<Frame> inlinedFrames(Executable executable, Path program) throws Exception {
        Process nm = new ProcessBuilder("nm", program.toString()).start();
        String listing = new String(nm.getInputStream().readAllBytes(), UTF_8);
        String line = listing.lines().filter(l -> l.endsWith(" T work")).findFirst().orElseThrow();
        long start = Long.parseUnsignedLong(line.substring(0, 16), 16);
        for (long address = start; address < start + 64; address++) {
            List<Frame> frames = executable.frames(address);
            if (frames.size() > 1) {
                return frames;
            }
        }
        return List.of();
    }

    @Test
    void aProgramGetsInlinedCallsAndLinesAndTheNextAgentFindsThem() throws Exception {
        Path program = program("inlines", "-g");
        Executable executable = Executable.open(program);
        MetricRegistry registry = new MetricRegistry();
        try (SymbolFiles files = start(registry)) {
            files.found(executable, program, PID, program.toString());
            await().atMost(Duration.ofSeconds(60)).until(executable::hasSymbolFile);
        }
        List<Frame> frames = inlinedFrames(executable, program);
        assertThat(frames).extracting(Frame::function).containsExactly("twice", "work");
        assertThat(frames).extracting(Frame::inlined).containsExactly(true, false);
        assertThat(frames).extracting(Frame::line).containsExactly(1, 4);
        assertThat(frames).extracting(Frame::startLine).containsExactly(1, 2);
        assertThat(frames).allMatch(f -> f.file().endsWith("/inlines.c"));
        assertThat(frames).allMatch(f -> f.mapping().equals("inlines"));
        assertThat(frames).allMatch(f -> f.buildId().equals(executable.buildId()));
        await().untilAsserted(() -> assertThat(count(registry, "built")).isEqualTo(1));

        Executable again = Executable.open(program);
        MetricRegistry next = new MetricRegistry();
        try (SymbolFiles files = start(next)) {
            files.found(again, program, PID, program.toString());
            await().atMost(Duration.ofSeconds(60)).until(again::hasSymbolFile);
            await().untilAsserted(() -> assertThat(count(next, "opened")).isEqualTo(1));
        }
        assertThat(inlinedFrames(again, program)).isEqualTo(frames);
    }

    @Test
    void aFileThatIsHeldOpenIsReadAfterItsNameIsGone() throws Exception {
        Path program = program("gone", "-g");
        Path copy = Files.copy(program, directory.resolve("copy"));
        Executable executable = Executable.open(program);
        MetricRegistry registry = new MetricRegistry();
        try (FileReference held = Objects.requireNonNull(FileReference.of(program.toString()));
                SymbolFiles files = start(registry)) {
            Files.delete(program);
            files.found(executable, held.path(), PID, program.toString());
            await().atMost(Duration.ofSeconds(60)).until(executable::hasSymbolFile);
        }
        assertThat(inlinedFrames(executable, copy)).hasSize(2);
    }

    @Test
    void aDamagedFileCostsNoMoreThanItsLines() throws Exception {
        Path program = program("damaged", "-g");
        Path noise = directory.resolve("noise");
        byte[] bytes = new byte[1 << 16];
        new Random(97).nextBytes(bytes);
        Files.write(noise, bytes);
        run(List.of("objcopy", "--update-section", ".debug_info=noise", "damaged"));
        run(List.of("objcopy", "--update-section", ".debug_line=noise", "damaged"));
        Executable executable = Executable.open(program);
        MetricRegistry registry = new MetricRegistry();
        try (SymbolFiles files = start(registry)) {
            files.found(executable, program, PID, program.toString());
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> count(registry, "built") + count(registry, "failed") == 1);
        }
        assertThat(inlinedFrames(executable, program)).isEmpty();
        Process nm = new ProcessBuilder("nm", program.toString()).start();
        String listing = new String(nm.getInputStream().readAllBytes(), UTF_8);
        String line = listing.lines().filter(l -> l.endsWith(" T work")).findFirst().orElseThrow();
        long start = Long.parseUnsignedLong(line.substring(0, 16), 16);
        assertThat(executable.frames(start).getLast().function()).isEqualTo("work");
    }

    @Test
    void whatWasNotUsedForLongestGoesWhenTheFolderIsFull() throws Exception {
        SymbolFolder folder = new SymbolFolder(directory.resolve("full"), ".symbols", 2500);
        Instant now = Instant.now();
        for (int i = 0; i < 4; i++) {
            Path file = folder.file("identity" + i);
            Files.write(file, new byte[1000]);
            Files.setLastModifiedTime(file, FileTime.from(now.minusSeconds(100 - i)));
        }
        SymbolFolder.touch(folder.file("identity0"));
        folder.trim();
        assertThat(folder.file("identity0")).exists();
        assertThat(folder.file("identity1")).doesNotExist();
        assertThat(folder.file("identity2")).doesNotExist();
        assertThat(folder.file("identity3")).exists();
    }
}
