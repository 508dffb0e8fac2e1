package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import io.flarepath.symbolizer.binary.Language;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.SymbolReader;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.SymbolTableBuilder;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.debugfile.Debuginfod;
import io.flarepath.symbolizer.binary.debugfile.MiniDebugInfo;
import io.flarepath.symbolizer.binary.dwarf.DwarfReader;
import io.flarepath.symbolizer.binary.pclntab.GoReader;
import io.flarepath.symbolizer.binary.symbolfile.CodeBlock;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFileWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Compiles what is known of an executable into one symbol file: Go's tables, DWARF of its own or of
 * its separate debug file, and the symbols of both, in this order where they overlap.
 */
public final class SymbolCompiler {
    private static final int GO = 3;
    private static final int DWARF = 2;
    private static final int SYMBOLS = 1;

    /**
     * What compiling may take.
     *
     * @param symbolFileBytes of the symbol file
     * @param inflatedBytes of compressed sections, for each file that is read
     */
    public record Limits(long symbolFileBytes, long inflatedBytes) {
        /** Enough for a browser, little enough for a node. */
        public static final Limits USUAL = new Limits(512L << 20, 2L << 30);
    }

    /**
     * What was found.
     *
     * @param functions of all sources
     * @param blocks of code, before overlaps were cut
     * @param units units of DWARF that were read
     * @param damaged units of DWARF, and functions of Go, that could not be read
     * @param debugFile path of the separate debug file, or empty
     */
    public record Result(int functions, int blocks, int units, int damaged, String debugFile) {}

    private final DebugFiles files;
    private final @Nullable Debuginfod servers;
    private final Path scratch;
    private final Limits limits;

    /**
     * @param files finds separate debug files
     * @param scratch folder for what is inflated
     */
    public SymbolCompiler(DebugFiles files, Path scratch, Limits limits) {
        this(files, null, scratch, limits);
    }

    /**
     * A compiler that asks servers for what is not on disk.
     *
     * @param servers asked last; null: none
     */
    public SymbolCompiler(
            DebugFiles files, @Nullable Debuginfod servers, Path scratch, Limits limits) {
        this.files = files;
        this.servers = servers;
        this.scratch = scratch;
        this.limits = limits;
    }

    /**
     * Compiles an executable.
     *
     * @param source its bytes
     * @param target where the symbol file appears
     * @throws MalformedBinaryException if it is not an ELF file that we read, or too much of one
     */
    public Result compile(ByteSource source, Path target) throws IOException {
        ElfFile elf = ElfFile.read(source);
        String identity = Identity.of(elf);
        try (SymbolFileWriter writer = new SymbolFileWriter(target, limits.symbolFileBytes());
                SectionBytes sections = sections(elf);
                DebugFiles.@Nullable Found debug = separate(elf, sections)) {
            SymbolTable symbols = symbols(elf, sections, debug);
            GoReader.Result go = go(elf, writer);
            DwarfReader reader;
            if (debug == null) {
                reader = dwarf(elf, sections, "", symbols, writer);
            } else {
                try (SectionBytes separate = sections(debug.elf())) {
                    reader = dwarf(debug.elf(), separate, debug.path(), symbols, writer);
                }
            }
            FrameKind kind = go.functions() > 0 ? FrameKind.NATIVE : Language.of(elf, symbols);
            addSymbols(symbols, kind, reader, writer);
            writer.finish(identity);
            return new Result(
                    writer.functions(),
                    writer.blocks(),
                    reader.units(),
                    reader.damaged() + reader.incomplete() + go.damaged(),
                    debug == null ? "" : debug.path());
        }
    }

    private SectionBytes sections(ElfFile elf) {
        return new SectionBytes(elf, scratch, limits.inflatedBytes());
    }

    private DebugFiles.@Nullable Found separate(ElfFile elf, SectionBytes sections)
            throws IOException {
        if (sections.has(".debug_info")) {
            return null;
        }
        DebugFiles.Found found = files.separate(elf);
        return found != null || servers == null ? found : servers.find(Identity.buildId(elf));
    }

    private static SymbolTable symbols(
            ElfFile elf, SectionBytes sections, DebugFiles.@Nullable Found debug)
            throws IOException {
        SymbolTableBuilder all = new SymbolTableBuilder();
        ElfFile packed = MiniDebugInfo.read(sections);
        if (packed != null) {
            all.addAll(SymbolReader.read(packed));
        }
        all.addAll(SymbolReader.read(elf));
        if (debug != null) {
            all.addAll(SymbolReader.read(debug.elf()));
        }
        return all.build();
    }

    private static GoReader.Result go(ElfFile elf, SymbolFileWriter writer) throws IOException {
        if (Language.of(elf, SymbolTable.EMPTY) != FrameKind.GO) {
            return new GoReader.Result(0, 0);
        }
        return GoReader.read(elf, writer, GO);
    }

    private DwarfReader dwarf(
            ElfFile elf,
            SectionBytes sections,
            String path,
            SymbolTable symbols,
            SymbolFileWriter writer)
            throws IOException {
        try (SplitFiles splits = new SplitFiles(files, path, scratch, limits.inflatedBytes());
                DebugFiles.@Nullable Found shared = files.supplementary(elf, path)) {
            DwarfReader reader = new DwarfReader(elf, symbols, splits, writer, DWARF);
            if (shared == null) {
                reader.read(sections, null);
            } else {
                try (SectionBytes supplementary = sections(shared.elf())) {
                    reader.read(sections, supplementary);
                }
            }
            return reader;
        }
    }

    private static void addSymbols(
            SymbolTable symbols, FrameKind kind, DwarfReader reader, SymbolFileWriter writer)
            throws IOException {
        CodeBlock block = new CodeBlock();
        for (int row = 0; row < symbols.size(); row++) {
            byte[] utf8 = symbols.name(row).getBytes(StandardCharsets.UTF_8);
            int name = writer.string(utf8, utf8.length);
            long start = symbols.start(row);
            long end = start + symbols.length(row);
            block.begin(start, end, writer.function(name, 0, 0, kind));
            reader.fillFromLines(block, start, end);
            writer.block(block, SYMBOLS);
        }
    }
}
