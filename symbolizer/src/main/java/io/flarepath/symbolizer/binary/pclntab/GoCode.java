package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.OptionalLong;

/** The machine code of one function at a time; what lies outside of it has no bytes. */
final class GoCode {
    /** Stands for any byte in a pattern. */
    static final int ANY = -1;

    private final ElfFile elf;
    private final Window window;
    private long offset;
    private int length;

    GoCode(ElfFile elf) throws IOException {
        this.elf = elf;
        this.window = new Window(elf.window().source());
    }

    /** Moves to a function; it has no code if no segment of the file holds it whole. */
    void seek(long start, long end) {
        OptionalLong at = elf.fileOffset(start);
        boolean whole = at.isPresent() && elf.fileOffset(end - 1).isPresent();
        offset = whole ? at.getAsLong() : 0;
        length = whole && window.contains(offset, end - start) ? (int) (end - start) : 0;
    }

    int length() {
        return length;
    }

    /** The byte at an offset from the function's start; -1 outside of it. */
    int at(int position) throws IOException {
        return position < 0 || position >= length ? -1 : window.u8(offset + position);
    }

    /** Four bytes, signed; 0 where they are not all of the function. */
    int number(int position) throws IOException {
        return position < 0 || position > length - 4 ? 0 : window.i32(offset + position);
    }

    /** Whether the code at an offset is that of the pattern. */
    boolean is(int position, int... pattern) throws IOException {
        if (position < 0 || position > length - pattern.length) {
            return false;
        }
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i] != ANY && pattern[i] != at(position + i)) {
                return false;
            }
        }
        return true;
    }

    /** The first offset, from one on, at which the pattern stands; -1 if it does not. */
    int find(int from, int... pattern) throws IOException {
        return find(from, length, pattern);
    }

    /** The first offset in [from, end) at which the pattern stands; -1 if it does not. */
    int find(int from, int end, int[] pattern) throws IOException {
        int last = Math.min(end - 1, length - pattern.length);
        for (int i = Math.max(0, from); i <= last; i++) {
            if (is(i, pattern)) {
                return i;
            }
        }
        return -1;
    }
}
