package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Finds the sections with call frame information, with or without section headers. */
final class FrameSections {
    private static final int PT_GNU_EH_FRAME = 0x6474e550;
    private static final int MAX_SECTIONS = 64;

    /** Version 1, augmentation "zR". */
    private static final int FIRST_ENTRY = 0x00527a01;

    /** Code in steps of 1, data of -8, return address in column 16, one byte of augmentation. */
    private static final int FIRST_ENTRY_FACTORS = 0x01107801;

    private static final int FIRST_ENTRY_BYTES = 16;
    private static final int MOST_FIRST_ENTRY_BYTES = 64;

    private FrameSections() {}

    /** The parts of .eh_frame: by section headers, else by the header that the loader maps. */
    static List<CallFrames.Origin> ehFrames(ElfFile elf) throws IOException {
        Segment header = null;
        for (Segment segment : elf.segments()) {
            header = segment.type() == PT_GNU_EH_FRAME ? segment : header;
        }
        long dataBase = header == null ? 0 : header.address();
        List<CallFrames.Origin> found = new ArrayList<>();
        for (Section section : elf.sections()) {
            boolean stored = section.type() != ElfFile.SHT_NOBITS && section.bytes() > 0;
            if (stored
                    && section.name().equals(".eh_frame")
                    && elf.window().contains(section.offset(), section.bytes())
                    && found.size() < MAX_SECTIONS) {
                found.add(
                        new CallFrames.Origin(
                                slice(elf, section.offset(), section.bytes()),
                                section.address(),
                                true,
                                dataBase,
                                Long.MAX_VALUE,
                                true));
            }
        }
        if (found.isEmpty()) {
            CallFrames.Origin mapped = header == null ? null : byHeader(elf, header);
            boolean search = mapped == null && elf.sections().isEmpty();
            mapped = search ? byFirstEntry(elf) : mapped;
            if (mapped != null) {
                found.add(mapped);
            }
        }
        return found;
    }

    /**
     * What .eh_frame_hdr points to (LSB core, section 10.6.2): up to the end of the segment, since
     * it does not say how long that is.
     */
    private static CallFrames.@Nullable Origin byHeader(ElfFile elf, Segment header)
            throws IOException {
        try {
            Window window = new Window(slice(elf, header.offset(), header.fileBytes()), 64);
            Cursor cursor = new Cursor(window, 0);
            if (cursor.u8() != 1) {
                return null;
            }
            int pointer = cursor.u8();
            int count = cursor.u8();
            cursor.u8(); // encoding of the search table
            long at = EncodedPointer.read(cursor, pointer, header.address(), header.address());
            long entries =
                    count == EncodedPointer.OMITTED
                            ? Long.MAX_VALUE
                            : EncodedPointer.read(
                                    cursor, count, header.address(), header.address());
            OptionalLong offset = elf.fileOffset(at);
            if (offset.isEmpty() || entries <= 0) {
                return null;
            }
            long end = offset.getAsLong();
            for (Segment segment : elf.segments()) {
                boolean holds =
                        segment.type() == ElfFile.PT_LOAD
                                && segment.address() <= at
                                && at - segment.address() < segment.fileBytes();
                if (holds) {
                    end = segment.offset() + segment.fileBytes();
                    break;
                }
            }
            ByteSource source = slice(elf, offset.getAsLong(), end - offset.getAsLong());
            return new CallFrames.Origin(source, at, true, header.address(), entries, false);
        } catch (MalformedBinaryException e) {
            return null; // Such a header is of no use; there may be .debug_frame.
        }
    }

    /**
     * Static programs have no header that is mapped. Where they have lost their section headers
     * too, the first entry is found by its bytes: all compilers begin it in the same way.
     */
    private static CallFrames.@Nullable Origin byFirstEntry(ElfFile elf) throws IOException {
        Window window = elf.window();
        for (Segment segment : elf.segments()) {
            if (segment.type() != ElfFile.PT_LOAD || segment.writable()) {
                continue;
            }
            long end = Math.min(segment.offset() + segment.fileBytes(), window.size());
            for (long at = segment.offset(); at >= 0 && end - at >= FIRST_ENTRY_BYTES; at += 4) {
                boolean first =
                        window.i32(at) > 0
                                && window.i32(at) <= MOST_FIRST_ENTRY_BYTES
                                && window.i32(at + 4) == 0
                                && window.i32(at + 8) == FIRST_ENTRY
                                && window.i32(at + 12) == FIRST_ENTRY_FACTORS;
                if (first) {
                    long address = at - segment.offset() + segment.address();
                    ByteSource source = slice(elf, at, end - at);
                    return new CallFrames.Origin(source, address, true, 0, Long.MAX_VALUE, false);
                }
            }
        }
        return null;
    }

    /** .debug_frame, inflated if it is compressed; null if there is none that can be read. */
    static CallFrames.@Nullable Origin debugFrame(SectionBytes sections) throws IOException {
        try {
            ByteSource source = sections.open(".debug_frame");
            return source == null
                    ? null
                    : new CallFrames.Origin(source, 0, false, 0, Long.MAX_VALUE, true);
        } catch (MalformedBinaryException e) {
            return null; // It is cut, or compressed in a way that is not read.
        }
    }

    private static ByteSource slice(ElfFile elf, long offset, long bytes) throws IOException {
        return ByteSource.slice(elf.window().source(), offset, bytes);
    }
}
