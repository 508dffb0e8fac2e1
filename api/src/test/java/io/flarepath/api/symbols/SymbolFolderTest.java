package io.flarepath.api.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SymbolFolderTest {
    @TempDir private Path directory;

    private static Build build(String id) {
        List<Build.Load> loads = List.of(new Build.Load(0x1000, 0x402000, 0x500));
        return new Build(id, "ff" + id, 7, true, loads);
    }

    private static Frame frame(String id) {
        return new Frame("app+0x10", "", 0, "app", id, 0x10, FrameKind.NATIVE, false);
    }

    private void put(SymbolFolder folder, String tenant, String id, int bytes, int secondsAgo)
            throws IOException {
        Path made = Files.write(folder.scratch().resolve("made"), new byte[bytes]);
        folder.put(tenant, build(id), made);
        Files.setLastModifiedTime(
                folder.symbols(tenant, id), FileTime.from(Instant.now().minusSeconds(secondsAgo)));
    }

    @Test
    void whatWasNotUsedForLongestGoesFirst() throws IOException {
        SymbolFolder folder = new SymbolFolder(directory, 25_000);
        put(folder, "red", "aa01", 10_000, 300);
        put(folder, "red", "aa02", 10_000, 200);
        put(folder, "blue", "aa01", 10_000, 100);
        folder.touch("red", "aa01");
        assertThat(folder.trim())
                .extracting(SymbolFolder.Kept::tenant, kept -> kept.build().buildId())
                .containsExactly(org.assertj.core.api.Assertions.tuple("red", "aa02"));
        assertThat(folder.all())
                .extracting(SymbolFolder.Kept::tenant, SymbolFolder.Kept::build)
                .containsExactlyInAnyOrder(
                        org.assertj.core.api.Assertions.tuple("red", build("aa01")),
                        org.assertj.core.api.Assertions.tuple("blue", build("aa01")));
        assertThat(folder.trim()).isEmpty();
    }

    @Test
    void whatIsHalfThereIsRemovedAtTheNextStart() throws IOException {
        SymbolFolder folder = new SymbolFolder(directory, 1 << 20);
        put(folder, "red", "aa01", 100, 0);
        put(folder, "red", "aa02", 100, 0);
        put(folder, "red", "aa03", 100, 0);
        Path about = folder.symbols("red", "aa02").resolveSibling("aa02.build");
        Files.writeString(about, "load 1 2\n");
        Files.delete(folder.symbols("red", "aa03").resolveSibling("aa03.build"));
        Files.writeString(folder.scratch().resolve("left.elf"), "x");
        SymbolFolder next = new SymbolFolder(directory, 1 << 20);
        assertThat(next.all()).extracting(kept -> kept.build().buildId()).containsExactly("aa01");
        assertThat(next.symbols("red", "aa02")).doesNotExist();
        assertThat(next.scratch()).isEmptyDirectory();
    }

    /** The file of a version before, or one that the disk has spoilt. */
    @Test
    void aSymbolFileThatCannotBeReadNamesNothing() throws IOException {
        SymbolFolder folder = new SymbolFolder(directory, 1 << 20);
        put(folder, "red", "aa01", 100, 0);
        PushedNames names = PushedNames.in(folder);
        assertThat(names.find("red", "aa01")).isEqualTo(build("aa01"));
        assertThat(names.of("red", frame("aa01"))).isEmpty();
        assertThat(names.of("red", frame("aa01"))).isEmpty();
        assertThat(names.of("red", frame("aa02"))).isEmpty();
        assertThat(names.of("blue", frame("aa01"))).isEmpty();
    }

    @Test
    void whatIsKnownOfABuildIsReadBack() {
        Build build = build("ab12");
        assertThat(Build.decode(build.encode())).isEqualTo(build);
        assertThat(build.address(0x1010)).hasValue(0x402010);
        assertThat(build.address(0xfff)).isEmpty();
        assertThat(build.address(0x1500)).isEmpty();
        for (String wrong :
                List.of(
                        "",
                        "build ../x\nhash aa\nfunctions 1 true\n",
                        "build ab\nhash\nfunctions 1 true\n",
                        "build ab\nhash aa\nfunctions -1 true\n",
                        "build ab\nhash aa\nfunctions x true\n",
                        "build ab\nhash aa\nmore\n")) {
            assertThatThrownBy(() ->
                            Build.decode(
                                    wrong.getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theBetterOfTwoIsTheOneWithLinesThenTheOneWithMoreFunctions() {
        Build lines = new Build("aa", "bb", 5, true, List.of());
        Build names = new Build("aa", "cc", 50, false, List.of());
        assertThat(lines.isAsGoodAs(names)).isTrue();
        assertThat(names.isAsGoodAs(lines)).isFalse();
        assertThat(lines.isAsGoodAs(lines)).isTrue();
        assertThat(new Build("aa", "bb", 4, true, List.of()).isAsGoodAs(lines)).isFalse();
    }
}
