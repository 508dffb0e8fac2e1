package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.ExecutableCache.Failed;
import io.flarepath.symbolizer.binary.ExecutableCache.Loaded;
import io.flarepath.symbolizer.binary.ExecutableCache.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExecutableCacheTest {
    @TempDir Path directory;

    private static Outcome get(ExecutableCache cache, Path file) throws IOException {
        return cache.get(FileKey.of(file), file.toString(), () -> FileChannel.open(file));
    }

    @Test
    void theSameLibraryOfTwoContainersIsLoadedOnce() throws IOException {
        Path one = Programs.c(directory, "one");
        Path copy = Files.copy(one, directory.resolve("copy"));
        ExecutableCache cache = new ExecutableCache(10, 1 << 20);
        Outcome first = get(cache, one);
        Outcome second = get(cache, copy);
        assertThat(first).isInstanceOf(Loaded.class).isEqualTo(second);
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void theLeastRecentlyUsedLeavesFirst() throws IOException {
        ExecutableCache cache = new ExecutableCache(2, 1 << 20);
        Path a = Programs.c(directory, "a", "-O0");
        Path b = Programs.c(directory, "b", "-O2");
        Path c = Programs.c(directory, "c", "-O3", "-g");
        get(cache, a);
        get(cache, b);
        Outcome kept = get(cache, a);
        get(cache, c);
        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.evictions()).isEqualTo(1);
        assertThat(((Loaded) get(cache, a)).executable()).isSameAs(((Loaded) kept).executable());
    }

    @Test
    void whatSomebodyStillUsesIsNotLoadedBesideItself() throws IOException {
        ExecutableCache cache = new ExecutableCache(1, 1 << 20);
        Path a = Programs.c(directory, "a", "-O0");
        Path b = Programs.c(directory, "b", "-O2");
        Executable used = ((Loaded) get(cache, a)).executable();
        int symbols = used.symbolCount();
        get(cache, b);
        assertThat(used.symbolCount()).isZero();
        assertThat(cache.bytes()).isLessThan(1 << 20);

        assertThat(((Loaded) get(cache, a)).executable()).isSameAs(used);
        assertThat(used.symbolCount()).isEqualTo(symbols).isPositive();
    }

    @Test
    void theBytesOfAllStayWithinTheirBound() throws IOException {
        ExecutableCache cache = new ExecutableCache(100, 4096);
        List<Executable> used = new ArrayList<>();
        for (String option : List.of("-O0", "-O1", "-O2", "-O3", "-Os", "-static")) {
            Path program = Programs.c(directory, "p" + option, option);
            used.add(((Loaded) get(cache, program)).executable());
        }
        assertThat(used.stream().filter(e -> e.symbolCount() > 0).mapToLong(Executable::bytes))
                .isNotEmpty();
        assertThat(cache.evictions()).isPositive();
        assertThat(cache.size()).isLessThan(6);
    }

    @Test
    void malformedFilesAreNotReadAgain() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "no elf");
        ExecutableCache cache = new ExecutableCache(2, 1 << 20);
        AtomicInteger opened = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            Outcome outcome =
                    cache.get(
                            FileKey.of(text),
                            "text",
                            () -> {
                                opened.incrementAndGet();
                                return FileChannel.open(text);
                            });
            assertThat(outcome).isInstanceOf(Failed.class);
            assertThat(((Failed) outcome).reason()).contains("not an ELF file");
        }
        assertThat(opened).hasValue(1);
    }

    @Test
    void aFileThatCouldNotBeOpenedIsTriedAgainLater() throws IOException {
        AtomicLong clock = new AtomicLong(5);
        ExecutableCache cache = new ExecutableCache(2, 1 << 20, identity -> null, clock::get);
        Path program = Programs.c(directory, "late");
        FileKey key = FileKey.of(program);
        ExecutableCache.Opener absent =
                () -> {
                    throw new IOException("the process has ended");
                };
        assertThat(cache.get(key, "late", absent)).isInstanceOf(Failed.class);
        assertThat(get(cache, program)).isInstanceOf(Failed.class);
        clock.addAndGet(11_000_000_000L);
        assertThat(get(cache, program)).isInstanceOf(Loaded.class);
    }
}
