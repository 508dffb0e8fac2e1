package io.flarepath.symbolizer.binary;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Headers, segments and sections of an ELF64 little-endian file (System V ABI, chapters 4 and 5),
 * every count and reference checked.
 */
public final class ElfFile {
    public static final int PT_LOAD = 1;
    public static final int PT_DYNAMIC = 2;
    public static final int PT_NOTE = 4;
    public static final int SHT_SYMTAB = 2;
    public static final int SHT_NOTE = 7;
    public static final int SHT_NOBITS = 8;
    public static final int SHT_DYNSYM = 11;
    private static final int PF_X = 1;
    private static final int PF_W = 2;
    private static final int SHF_EXECINSTR = 4;
    private static final long SHF_COMPRESSED = 0x800;

    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int SECTION_BYTES = 64;
    private static final int PN_XNUM = 0xffff;
    private static final int MAX_SEGMENTS = 4096;

    /** Each symbol is looked for in each of them; linkers make one to three. */
    private static final int MAX_CODE_SEGMENTS = 32;

    private static final int MAX_SECTIONS = 65_536;
    private static final int MAX_SECTION_NAME = 256;

    /** A program header. */
    public record Segment(
            int type,
            int flags,
            long offset,
            long address,
            long fileBytes,
            long bytes,
            long align) {
        /** Whether it holds code. */
        public boolean executable() {
            return (flags & PF_X) != 0;
        }

        /** Whether the program may write to it. */
        public boolean writable() {
            return (flags & PF_W) != 0;
        }

        boolean holdsOffset(long fileOffset) {
            return fileOffset >= offset && fileOffset - offset < fileBytes;
        }

        boolean holdsAddress(long virtualAddress) {
            return virtualAddress >= address && virtualAddress - address < bytes;
        }
    }

    /** A section header. */
    public record Section(
            String name,
            int type,
            long flags,
            long address,
            long offset,
            long bytes,
            int link,
            long entryBytes) {
        /** Whether it holds code. */
        public boolean executable() {
            return (flags & SHF_EXECINSTR) != 0;
        }

        /** Whether a compression header stands before the content. */
        public boolean compressed() {
            return (flags & SHF_COMPRESSED) != 0;
        }
    }

    final Window window;
    final List<Segment> segments;
    final List<Section> sections;
    private final List<Segment> code;

    private ElfFile(Window window, List<Segment> segments, List<Section> sections) {
        this.window = window;
        this.segments = segments;
        this.sections = sections;
        this.code =
                segments.stream()
                        .filter(s -> s.type == PT_LOAD && s.executable())
                        .limit(MAX_CODE_SEGMENTS)
                        .toList();
    }

    /**
     * Reads the headers.
     *
     * @throws MalformedBinaryException if it is not an ELF file that we read
     */
    public static ElfFile read(ByteSource source) throws IOException {
        Window window = new Window(source);
        checkHeader(window);
        long sectionTable = window.i64(40);
        int sectionCount = window.u16(60);
        int segmentCount = window.u16(56);
        int nameSection = window.u16(62);
        boolean hasSections =
                sectionTable > 0
                        && window.contains(sectionTable, SECTION_BYTES)
                        && window.u16(58) == SECTION_BYTES;
        if (hasSections) {
            // Counts that do not fit 16 bits stand in the first section header.
            if (sectionCount == 0) {
                sectionCount = bounded(window.i64(sectionTable + 32), MAX_SECTIONS, "sections");
            }
            if (segmentCount == PN_XNUM) {
                segmentCount = bounded(window.u32(sectionTable + 44), MAX_SEGMENTS, "segments");
            }
            if (nameSection == PN_XNUM) {
                nameSection = window.i32(sectionTable + 40);
            }
        }
        List<Segment> segments = segments(window, bounded(segmentCount, MAX_SEGMENTS, "segments"));
        // A cut file has lost its section headers (they stand at its end); the segments still
        // serve.
        boolean complete =
                hasSections && window.contains(sectionTable, (long) sectionCount * SECTION_BYTES);
        List<Section> sections =
                complete ? sections(window, sectionTable, sectionCount, nameSection) : List.of();
        return new ElfFile(window, segments, sections);
    }

    private static void checkHeader(Window window) throws IOException {
        if (window.size() < HEADER_BYTES || window.i32(0) != 0x464c457f) {
            throw new MalformedBinaryException(
                    "not an ELF file: the magic bytes 7f 45 4c 46 are missing");
        }
        if (window.u8(4) != 2 || window.u8(5) != 1) {
            throw new MalformedBinaryException(
                    "only 64-bit little-endian ELF is read, this file has class "
                            + window.u8(4)
                            + " and byte order "
                            + window.u8(5));
        }
        if (window.u16(56) > 0 && window.u16(54) != SEGMENT_BYTES) {
            throw new MalformedBinaryException(
                    "program headers have " + SEGMENT_BYTES + " bytes, not " + window.u16(54));
        }
    }

    private static int bounded(long count, int most, String what) throws MalformedBinaryException {
        if (count < 0 || count > most) {
            throw new MalformedBinaryException(
                    "at most " + most + " " + what + " are read, the file announces " + count);
        }
        return (int) count;
    }

    private static List<Segment> segments(Window window, int count) throws IOException {
        long table = window.i64(32);
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * SEGMENT_BYTES;
            segments.add(
                    new Segment(
                            window.i32(at),
                            window.i32(at + 4),
                            window.i64(at + 8),
                            window.i64(at + 16),
                            window.i64(at + 32),
                            window.i64(at + 40),
                            window.i64(at + 48)));
        }
        return List.copyOf(segments);
    }

    private static List<Section> sections(Window window, long table, int count, int names)
            throws IOException {
        bounded(count, MAX_SECTIONS, "sections");
        long[] nameOffsets = new long[count];
        List<Section> unnamed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = table + (long) i * SECTION_BYTES;
            nameOffsets[i] = window.u32(at);
            unnamed.add(
                    new Section(
                            "",
                            window.i32(at + 4),
                            window.i64(at + 8),
                            window.i64(at + 16),
                            window.i64(at + 24),
                            window.i64(at + 32),
                            window.i32(at + 40),
                            window.i64(at + 56)));
        }
        if (names <= 0 || names >= count) {
            return List.copyOf(unnamed);
        }
        Section strings = unnamed.get(names);
        List<Section> named = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Section s = unnamed.get(i);
            named.add(
                    new Section(
                            name(window, strings, nameOffsets[i]),
                            s.type,
                            s.flags,
                            s.address,
                            s.offset,
                            s.bytes,
                            s.link,
                            s.entryBytes));
        }
        return List.copyOf(named);
    }

    private static String name(Window window, Section strings, long offset) throws IOException {
        if (strings.type == SHT_NOBITS
                || offset >= strings.bytes
                || !window.contains(strings.offset, strings.bytes)) {
            return "";
        }
        ByteColumn name = new ByteColumn();
        long start = strings.offset + offset;
        window.string(start, strings.offset + strings.bytes, MAX_SECTION_NAME, name);
        return new String(name.toArray(), StandardCharsets.ISO_8859_1);
    }

    /** The whole file. */
    public Window window() {
        return window;
    }

    /** Program headers, in their order. */
    public List<Segment> segments() {
        return segments;
    }

    /** Section headers, in their order; none where the file has lost them. */
    public List<Section> sections() {
        return sections;
    }

    /** The first section of a name. */
    public Optional<Section> section(String name) {
        return sections.stream().filter(s -> s.name.equals(name)).findFirst();
    }

    /** Where an offset of the file is loaded, relative to the load bias; code segments first. */
    static OptionalLong virtualAddress(List<Segment> segments, long fileOffset) {
        for (boolean executable : new boolean[] {true, false}) {
            for (Segment s : segments) {
                if (s.type == PT_LOAD
                        && s.executable() == executable
                        && s.holdsOffset(fileOffset)) {
                    return OptionalLong.of(fileOffset - s.offset + s.address);
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Where a virtual address stands in the file. */
    public OptionalLong fileOffset(long address) {
        for (Segment s : segments) {
            if (s.type == PT_LOAD && s.holdsAddress(address) && address - s.address < s.fileBytes) {
                return OptionalLong.of(address - s.address + s.offset);
            }
        }
        return OptionalLong.empty();
    }

    /** The end of the executable segment that holds the address, or 0 where none does. */
    public long codeEnd(long address) {
        for (Segment s : code) {
            if (s.holdsAddress(address)) {
                return s.address + s.bytes;
            }
        }
        return 0;
    }
}
