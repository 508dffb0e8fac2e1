package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Language;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import java.io.IOException;

/** Whether an executable is worth compiling. */
public final class DebugInformation {
    private static final String[] SECTIONS = {
        ".debug_info", ".zdebug_info", ".gnu_debugdata", ".gopclntab"
    };

    private DebugInformation() {}

    /** Whether there may be more than the executable's own symbols: a look at headers and names. */
    public static boolean mayBeThere(ByteSource executable, DebugFiles files) throws IOException {
        ElfFile elf = ElfFile.read(executable);
        for (String section : SECTIONS) {
            if (elf.section(section).isPresent()) {
                return true;
            }
        }
        return Language.of(elf, SymbolTable.EMPTY) == FrameKind.GO || files.mayHaveSeparate(elf);
    }
}
