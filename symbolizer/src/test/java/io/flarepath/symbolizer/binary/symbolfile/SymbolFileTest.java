package io.flarepath.symbolizer.binary.symbolfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SymbolFileTest {
    @TempDir Path directory;

    private Path write() throws IOException {
        Path path = directory.resolve("a.symbols");
        try (SymbolFileWriter writer = new SymbolFileWriter(path, 1 << 20)) {
            int file = writer.file("/src/a.c");
            int other = writer.file("/src/b.h");
            int outer = function(writer, "outer", file, 10, FrameKind.NATIVE);
            int middle = function(writer, "middle", other, 20, FrameKind.RUST);
            int inner = function(writer, "inner", other, 30, FrameKind.GO);
            int symbol = function(writer, "symbol", 0, 0, FrameKind.NATIVE);
            CodeBlock block = new CodeBlock();
            block.begin(0x1000, 0x1100, outer);
            int one = block.node(0, middle, file, 11);
            int two = block.node(one, inner, other, 21);
            block.node(0, inner, file, 99);
            block.row(0x1000, 0, file, 10);
            block.row(0x1010, one, other, 20);
            block.row(0x1020, two, other, 31);
            block.row(0x1030, 0, file, 12);
            writer.block(block, 2);
            block.begin(0x0f00, 0x1200, symbol);
            block.row(0x0f00, 0, 0, 0);
            writer.block(block, 1);
            writer.finish("id:hash");
        }
        return path;
    }

    private static int function(
            SymbolFileWriter writer, String name, int file, int line, FrameKind kind)
            throws IOException {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return writer.function(writer.string(utf8, utf8.length), file, line, kind);
    }

    @Test
    void inlinedCallsComeInnermostFirstEachWithItsPlace() throws IOException {
        SymbolFile file = SymbolFile.open(write());
        assertThat(file.find(0x1025))
                .containsExactly(
                        new CodePlace("inner", FrameKind.GO, "/src/b.h", 31, 30, true),
                        new CodePlace("middle", FrameKind.RUST, "/src/b.h", 21, 20, true),
                        new CodePlace("outer", FrameKind.NATIVE, "/src/a.c", 11, 10, false));
        assertThat(file.find(0x1010))
                .containsExactly(
                        new CodePlace("middle", FrameKind.RUST, "/src/b.h", 20, 20, true),
                        new CodePlace("outer", FrameKind.NATIVE, "/src/a.c", 11, 10, false));
        assertThat(file.find(0x1031))
                .containsExactly(
                        new CodePlace("outer", FrameKind.NATIVE, "/src/a.c", 12, 10, false));
        assertThat(file.identity()).isEqualTo("id:hash");
        assertThat(file.hasLines()).isTrue();
    }

    @Test
    void whereBlocksOverlapTheHigherPriorityHoldsAndTheOtherKeepsTheRest() throws IOException {
        SymbolFile file = SymbolFile.open(write());
        assertThat(file.segments()).isEqualTo(3);
        for (long address : new long[] {0x0f00, 0x0fff, 0x1100, 0x11ff}) {
            assertThat(file.find(address)).extracting(CodePlace::symbol).containsExactly("symbol");
        }
        assertThat(file.find(0x10ff)).extracting(CodePlace::symbol).containsExactly("outer");
        assertThat(file.find(0x0eff)).isEmpty();
        assertThat(file.find(0x1200)).isEmpty();
        assertThat(file.find(-1)).isEmpty();
    }

    @Test
    void aChangedOrCutFileIsRefused() throws IOException {
        byte[] image = Files.readAllBytes(write());
        Path path = directory.resolve("changed");
        for (int i = 0; i < image.length; i++) {
            byte[] changed = image.clone();
            changed[i] ^= 1;
            Files.write(path, changed);
            boolean unused = i >= 76 && i < SymbolFileLayout.HEADER_BYTES;
            boolean inFlags = i >= SymbolFileLayout.FLAGS_AT && i < SymbolFileLayout.BYTES_AT;
            boolean inIdentity = i >= SymbolFileLayout.IDENTITY_AT && i < 76;
            if (!unused && !inFlags && !inIdentity) {
                assertThatThrownBy(() -> SymbolFile.open(path))
                        .as("byte " + i)
                        .isInstanceOf(MalformedBinaryException.class);
            }
        }
        for (int length = 0; length < image.length; length += 7) {
            Files.write(path, Arrays.copyOf(image, length));
            assertThatThrownBy(() -> SymbolFile.open(path))
                    .isInstanceOf(MalformedBinaryException.class);
        }
    }

    @Test
    void whatIsNotFinishedLeavesNoFile() throws IOException {
        Path path = directory.resolve("b.symbols");
        try (SymbolFileWriter writer = new SymbolFileWriter(path, 1 << 20)) {
            writer.file("x");
        }
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
