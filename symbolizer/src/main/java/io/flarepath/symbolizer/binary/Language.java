package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Tells Go and Rust programs from other native code. */
public final class Language {
    private static final int MAX_COMMENT = 1 << 14;
    private static final String GO_MAGIC = "\u00ff Go buildinf:";

    private Language() {}

    /** GO, RUST, or NATIVE. */
    public static FrameKind of(ElfFile file, SymbolTable symbols) throws IOException {
        if (file.section(".go.buildinfo").isPresent()
                || Identity.hasGoNote(file)
                || (file.sections.isEmpty() && hasGoMagic(file))) {
            return FrameKind.GO;
        }
        return hasRustComment(file) || hasRustSymbol(symbols) ? FrameKind.RUST : FrameKind.NATIVE;
    }

    /** Where cmd/go's debug/buildinfo looks when there are no sections: start of the data. */
    private static boolean hasGoMagic(ElfFile file) throws IOException {
        for (Segment s : file.segments) {
            if (s.type() == ElfFile.PT_LOAD && s.writable() && s.fileBytes() >= 16) {
                int length = (int) Math.min(s.fileBytes(), Window.BYTES);
                if (!file.window.contains(s.offset(), length)) {
                    return false;
                }
                byte[] data = file.window.bytes(s.offset(), length);
                return new String(data, StandardCharsets.ISO_8859_1).contains(GO_MAGIC);
            }
        }
        return false;
    }

    private static boolean hasRustComment(ElfFile file) throws IOException {
        Optional<Section> comment = file.section(".comment");
        if (comment.isEmpty() || comment.get().type() == ElfFile.SHT_NOBITS) {
            return false;
        }
        long offset = comment.get().offset();
        int length = (int) Math.min(comment.get().bytes(), MAX_COMMENT);
        return length > 0
                && file.window.contains(offset, length)
                && new String(file.window.bytes(offset, length), StandardCharsets.ISO_8859_1)
                        .contains("rustc version");
    }

    private static boolean hasRustSymbol(SymbolTable symbols) {
        // One in 64 is enough: a Rust program carries thousands of them.
        for (int row = 0; row < symbols.size(); row += 64) {
            if (SymbolNames.isRust(symbols.name(row))) {
                return true;
            }
        }
        return false;
    }
}
