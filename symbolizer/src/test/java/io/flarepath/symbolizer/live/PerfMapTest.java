package io.flarepath.symbolizer.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.FrameKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PerfMapTest {
    @TempDir Path directory;
    private Path file;
    private int owner;

    @BeforeEach
    void createFile() throws IOException {
        file = Files.createFile(directory.resolve("perf-1.map"));
        owner = (Integer) Files.getAttribute(file, "unix:uid");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private static String name(PerfMap map, long address) {
        return map.frame(address).map(f -> f.function()).orElse("");
    }

    @Test
    void itIsReadOnAsItGrowsAndWaitsForTheEndOfALine() throws IOException {
        PerfMap map = new PerfMap(file, owner, FrameKind.NODE);
        write("7f001000 100 LazyCompile:*work app.js:3\nbroken\n7f0020");
        assertThat(map.refresh()).isTrue();
        assertThat(name(map, 0x7f001080L)).isEqualTo("LazyCompile:*work app.js:3");
        assertThat(map.frame(0x7f001080L).orElseThrow().kind()).isEqualTo(FrameKind.NODE);
        assertThat(name(map, 0x7f002000L)).isEmpty();
        assertThat(map.refresh()).isFalse();
        write("00 10 late\n");
        assertThat(map.refresh()).isTrue();
        assertThat(name(map, 0x7f00200fL)).isEqualTo("late");
        assertThat(name(map, 0x7f001080L)).isEqualTo("LazyCompile:*work app.js:3");
        assertThat(map.malformedLines()).isEqualTo(1);
    }

    @Test
    void ofOverlappingEntriesTheLatestWins() throws IOException {
        PerfMap map = new PerfMap(file, owner, FrameKind.NODE);
        write("1000 100 old\n");
        map.refresh();
        write("1080 100 new\n1010 10 newest\n");
        map.refresh();
        assertThat(name(map, 0x1000)).isEqualTo("old");
        assertThat(name(map, 0x1018)).isEqualTo("newest");
        assertThat(name(map, 0x1020)).isEqualTo("old");
        assertThat(name(map, 0x1080)).isEqualTo("new");
        assertThat(name(map, 0x117f)).isEqualTo("new");
    }

    @Test
    void aShorterFileIsReadFromTheStart() throws IOException {
        PerfMap map = new PerfMap(file, owner, FrameKind.NODE);
        write("1000 100 before_restart_of_the_runtime\n");
        map.refresh();
        Files.writeString(file, "2000 10 x\n");
        assertThat(map.refresh()).isTrue();
        assertThat(name(map, 0x1000)).isEmpty();
        assertThat(name(map, 0x2000)).isEqualTo("x");
    }

    @Test
    void aForeignFileAndALinkAreRefused() throws IOException {
        PerfMap foreign = new PerfMap(file, owner + 1, FrameKind.NODE);
        if (owner != 0) {
            assertThatThrownBy(foreign::refresh).hasMessageContaining("belongs to user " + owner);
        }
        Path link = Files.createSymbolicLink(directory.resolve("perf-2.map"), file);
        PerfMap linked = new PerfMap(link, owner, FrameKind.NODE);
        assertThatThrownBy(linked::refresh).hasMessageContaining("not a regular file");
    }

    @Test
    void thisProcessHasNone() throws IOException {
        assertThat(PerfMap.open((int) ProcessHandle.current().pid(), FrameKind.JVM)).isEmpty();
    }

    @Test
    void thePidInsideTheNamespaceIsTheLastOne() throws IOException {
        TargetStatus status =
                TargetStatus.parse(4711, "Name:\tx\nUid:\t0\t1000\t0\t0\nNSpid:\t4711\t17\t1\n");
        assertThat(status).isEqualTo(new TargetStatus(1000, 1));
    }
}
