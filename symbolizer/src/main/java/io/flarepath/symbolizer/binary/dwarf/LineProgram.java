package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;

/** Runs a line number program (DWARF 5, section 6.2.5) and keeps its rows. */
final class LineProgram {
    private static final int COPY = 1;
    private static final int ADVANCE_PC = 2;
    private static final int ADVANCE_LINE = 3;
    private static final int SET_FILE = 4;
    private static final int CONST_ADD_PC = 8;
    private static final int FIXED_ADVANCE_PC = 9;
    private static final int END_SEQUENCE = 1;
    private static final int SET_ADDRESS = 2;

    private final ElfFile elf;
    private final CodeSink sink;

    LineProgram(ElfFile elf, CodeSink sink) {
        this.elf = elf;
        this.sink = sink;
    }

    /** Puts the rows of a header's program into {@code rows}. */
    void run(LineHeader header, Window window, int addressBytes, LineRows rows) throws IOException {
        rows.clear();
        Cursor cursor = new Cursor(window, header.programStart);
        long address = 0;
        long file = 1;
        int line = 1;
        while (cursor.position() < header.end) {
            int opcode = cursor.u8();
            if (opcode >= header.opcodeBase) {
                if (header.lineRange == 0) {
                    break;
                }
                int adjusted = opcode - header.opcodeBase;
                address += (long) (adjusted / header.lineRange) * header.minInstruction;
                line += header.lineBase + adjusted % header.lineRange;
                rows.add(address, header.number(file, sink), line);
                continue;
            }
            switch (opcode) {
                case 0 -> {
                    long length = cursor.uleb();
                    long next = cursor.position() + length;
                    if (length <= 0 || next > header.end) {
                        rows.finish();
                        return;
                    }
                    int extended = cursor.u8();
                    if (extended == END_SEQUENCE) {
                        rows.endSequence(address, elf);
                        address = 0;
                        file = 1;
                        line = 1;
                    } else if (extended == SET_ADDRESS && length == addressBytes + 1L) {
                        address = cursor.unsigned(addressBytes);
                    }
                    cursor.seek(next);
                }
                case COPY -> rows.add(address, header.number(file, sink), line);
                case ADVANCE_PC -> address += cursor.uleb() * header.minInstruction;
                case ADVANCE_LINE -> line += (int) cursor.sleb();
                case SET_FILE -> file = cursor.uleb();
                case CONST_ADD_PC -> {
                    int steps =
                            header.lineRange == 0
                                    ? 0
                                    : (255 - header.opcodeBase) / header.lineRange;
                    address += (long) steps * header.minInstruction;
                }
                case FIXED_ADVANCE_PC -> address += cursor.u16();
                default -> {
                    for (int i = 0; i < header.opcodeLengths[opcode]; i++) {
                        cursor.uleb();
                    }
                }
            }
        }
        rows.finish();
    }
}
