package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import io.flarepath.symbolizer.binary.Language;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.pclntab.GoRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles what is known of a binary's stack frames into one table. Where sources overlap, the
 * first one holds: Go's table, .eh_frame, .debug_frame of the file and of its separate debug file,
 * what the bytes of uncovered code tell; the rest is left to the frame pointer.
 */
public final class UnwindCompiler {
    /** Gaps of less bytes between functions are there for alignment. */
    private static final int PADDING_BYTES = 16;

    /** Of compressed sections, inflated. */
    private static final long MOST_INFLATED = 256L << 20;

    /** A binary is small if what tells of frames takes no more, and makes no more rows. */
    private static final long SMALL_BYTES = 2 << 20;

    private static final int SMALL_ROWS = 200_000;

    private static final Set<String> FRAME_SECTIONS =
            Set.of(
                    ".eh_frame",
                    ".debug_frame",
                    ".zdebug_frame",
                    ".gopclntab",
                    ".data.rel.ro.gopclntab");

    /** Where rules come from. */
    public enum Source {
        /** The table that Go programs carry. */
        GO_TABLE,
        EH_FRAME,
        DEBUG_FRAME,
        /** .debug_frame of a separate debug file. */
        SEPARATE_DEBUG_FRAME,
        /** The bytes of linkage stubs, the entry point, the return from signal handlers. */
        UNCOVERED_CODE
    }

    /**
     * What was found.
     *
     * @param ranges frame description entries of all sources
     * @param rows of the table
     * @param rules of the table, all different
     * @param frameRows rows of call frame information
     * @param inexpressible those of them that became UNKNOWN because no rule expresses them
     * @param dropped ranges that became UNKNOWN because there are too many different rules
     * @param damaged entries that could not be read, or not to their end, and functions of Go
     * @param sources where rules came from
     * @param examples some of the inexpressible rows
     */
    public record Result(
            int ranges,
            int rows,
            int rules,
            int frameRows,
            int inexpressible,
            long dropped,
            int damaged,
            Set<Source> sources,
            List<Inexpressible> examples) {}

    private final DebugFiles files;
    private final @Nullable Path scratch;
    private final int mostRows;

    /**
     * @param files finds separate debug files
     * @param scratch folder for what is inflated; null: only small sections are
     */
    public UnwindCompiler(DebugFiles files, @Nullable Path scratch) {
        this(files, scratch, RuleColumns.MAX_ROWS);
    }

    private UnwindCompiler(DebugFiles files, @Nullable Path scratch, int mostRows) {
        this.files = files;
        this.scratch = scratch;
        this.mostRows = mostRows;
    }

    /**
     * Compiles a small binary at once, by what stands in it alone: with little memory, whatever it
     * holds.
     *
     * @return empty if it is not small, or no rules are in it: let a process of its own compile it
     */
    public static Optional<Result> compileSmall(ByteSource source, Path target) throws IOException {
        ElfFile elf = ElfFile.read(source);
        if (frameBytes(elf) > SMALL_BYTES) {
            return Optional.empty();
        }
        UnwindCompiler compiler =
                new UnwindCompiler(new DebugFiles(List.of(), ""), null, SMALL_ROWS);
        Result result = compiler.compile(source, target);
        return result.sources().isEmpty() ? Optional.empty() : Optional.of(result);
    }

    /** Bytes that tell of frames; without sections, of the whole file. */
    private static long frameBytes(ElfFile elf) {
        if (elf.sections().isEmpty()) {
            return elf.window().size();
        }
        long bytes = 0;
        for (ElfFile.Section section : elf.sections()) {
            if (FRAME_SECTIONS.contains(section.name())) {
                bytes += section.bytes();
            }
        }
        return bytes;
    }

    /**
     * Compiles a binary. What Go's linker writes as .debug_frame is not taken: it does not say
     * where rbp is saved.
     *
     * @param source its bytes
     * @param target where the table appears
     * @throws io.flarepath.symbolizer.binary.MalformedBinaryException if it is not an ELF file that
     *     we read, or has more rules than a table may have
     */
    public Result compile(ByteSource source, Path target) throws IOException {
        ElfFile elf = ElfFile.read(source);
        UnwindTableWriter writer = new UnwindTableWriter(CodeRanges.of(elf), mostRows);
        Set<Source> sources = EnumSet.noneOf(Source.class);
        CallFrames frames = new CallFrames(writer);
        GoRules.Result go = GoRules.read(elf, writer);
        if (go.functions() > 0) {
            sources.add(Source.GO_TABLE);
        }
        ehFrame(elf, frames, sources);
        if (Language.of(elf, SymbolTable.EMPTY) != FrameKind.GO) {
            debugFrames(elf, frames, sources);
        }
        boolean hasRules = !sources.isEmpty();
        uncovered(elf, writer, sources);
        writer.fillGaps(PADDING_BYTES, UnwindRule.FRAME_POINTER);
        writer.finish(target, Identity.of(elf), hasRules);
        return new Result(
                frames.ranges(),
                writer.rows(),
                writer.rules(),
                frames.rows(),
                frames.inexpressibleRows(),
                writer.rulesDropped(),
                frames.damaged() + go.damaged(),
                sources,
                List.copyOf(frames.inexpressible()));
    }

    private static void ehFrame(ElfFile elf, CallFrames frames, Set<Source> sources)
            throws IOException {
        for (CallFrames.Origin origin : FrameSections.ehFrames(elf)) {
            read(origin, frames, Source.EH_FRAME, sources);
        }
    }

    private void debugFrames(ElfFile elf, CallFrames frames, Set<Source> sources)
            throws IOException {
        try (SectionBytes own = new SectionBytes(elf, scratch, MOST_INFLATED)) {
            read(FrameSections.debugFrame(own), frames, Source.DEBUG_FRAME, sources);
        }
        try (DebugFiles.@Nullable Found debug = files.separate(elf)) {
            if (debug != null) {
                try (SectionBytes separate =
                        new SectionBytes(debug.elf(), scratch, MOST_INFLATED)) {
                    CallFrames.@Nullable Origin origin = FrameSections.debugFrame(separate);
                    read(origin, frames, Source.SEPARATE_DEBUG_FRAME, sources);
                }
            }
        }
    }

    private static void read(
            CallFrames.@Nullable Origin origin, CallFrames frames, Source kind, Set<Source> sources)
            throws IOException {
        int before = frames.ranges();
        if (origin != null) {
            frames.read(origin);
        }
        if (frames.ranges() > before) {
            sources.add(kind);
        }
    }

    private static void uncovered(ElfFile elf, UnwindTableWriter writer, Set<Source> sources)
            throws IOException {
        UncoveredCode uncovered = new UncoveredCode(elf, writer);
        uncovered.linkageStubs();
        writer.visitGaps((start, end) -> {
            uncovered.gap(start, end);
            if (end - start >= PADDING_BYTES) {
                // Also what is left of it: that is code, however small.
                writer.rule(start, end, UnwindRule.FRAME_POINTER);
            }
        });
        if (uncovered.found() > 0) {
            sources.add(Source.UNCOVERED_CODE);
        }
    }
}
