package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The header of a line number program: its directories and files (DWARF 5, section 6.2.4). */
final class LineHeader {
    private static final int MAX_ENTRIES = 1 << 20;
    private static final int MAX_TEXT = 4096;
    private static final int LNCT_PATH = 1;
    private static final int LNCT_DIRECTORY = 2;

    private final Unit unit;
    private final Window window;
    private final DwarfFile file;

    final int version;
    final int offsetBytes;
    final int minInstruction;
    final int lineBase;
    final int lineRange;
    final int opcodeBase;
    final byte[] opcodeLengths;

    /** Where the program starts and ends. */
    final long programStart;

    final long end;

    /** Directories and files: the form and the value of their names. */
    private int[] dirForms = new int[16];

    private long[] dirNames = new long[16];
    private int dirCount;
    private int[] fileForms = new int[16];
    private long[] fileNames = new long[16];
    private int[] fileDirs = new int[16];
    private int fileCount;

    /** Numbers that the sink gave to the files, or -1. */
    private int[] numbers = new int[0];

    private LineHeader(Unit unit, Window window, long offset) throws IOException {
        this.unit = unit;
        this.window = window;
        this.file = unit.program();
        Cursor cursor = new Cursor(window, offset);
        long length = cursor.u32();
        if (length == 0xffff_ffffL) {
            length = cursor.i64();
            offsetBytes = 8;
        } else {
            offsetBytes = 4;
        }
        if (length < 0 || length > window.size() - cursor.position()) {
            throw new MalformedBinaryException(
                    "the lines at offset 0x" + Long.toHexString(offset) + " leave their section");
        }
        end = cursor.position() + length;
        version = cursor.u16();
        if (version < 2 || version > 5) {
            throw new MalformedBinaryException("lines of version " + version + " are not read");
        }
        if (version >= 5) {
            cursor.skip(2);
        }
        long headerBytes = cursor.unsigned(offsetBytes);
        long afterLength = cursor.position();
        if (headerBytes < 0 || headerBytes > end - afterLength) {
            throw new MalformedBinaryException("a header of lines is longer than its unit");
        }
        programStart = afterLength + headerBytes;
        minInstruction = cursor.u8();
        if (version >= 4) {
            cursor.skip(1);
        }
        cursor.skip(1);
        lineBase = (byte) cursor.u8();
        lineRange = cursor.u8();
        opcodeBase = cursor.u8();
        opcodeLengths = new byte[Math.max(1, opcodeBase)];
        for (int i = 1; i < opcodeBase; i++) {
            opcodeLengths[i] = (byte) cursor.u8();
        }
        if (version >= 5) {
            readTables(cursor);
        } else {
            readOldTables(cursor);
        }
        numbers = new int[fileCount];
        Arrays.fill(numbers, -1);
    }

    static LineHeader read(Unit unit, Window window, long offset) throws IOException {
        return new LineHeader(unit, window, offset);
    }

    private void readOldTables(Cursor cursor) throws IOException {
        addDir(Dwarf.FORM_STRING, -1);
        while (cursor.position() < programStart) {
            long name = cursor.position();
            if (cursor.u8() == 0) {
                break;
            }
            cursor.skipString();
            addDir(Dwarf.FORM_STRING, name);
        }
        addFile(Dwarf.FORM_STRING, -1, 0);
        while (cursor.position() < programStart) {
            long name = cursor.position();
            if (cursor.u8() == 0) {
                break;
            }
            cursor.skipString();
            long dir = cursor.uleb();
            cursor.uleb();
            cursor.uleb();
            addFile(Dwarf.FORM_STRING, name, dir);
        }
    }

    private void readTables(Cursor cursor) throws IOException {
        readTable(cursor, true);
        readTable(cursor, false);
    }

    private void readTable(Cursor cursor, boolean dirs) throws IOException {
        int fields = cursor.u8();
        int[] types = new int[fields];
        int[] forms = new int[fields];
        for (int i = 0; i < fields; i++) {
            types[i] = (int) Math.min(cursor.uleb(), 0xffff);
            forms[i] = (int) Math.min(cursor.uleb(), 0xffff);
        }
        long count = cursor.uleb();
        if (count < 0 || count > MAX_ENTRIES || (count > 0 && fields == 0)) {
            throw new MalformedBinaryException("a header of lines announces " + count + " entries");
        }
        for (long i = 0; i < count; i++) {
            int form = 0;
            long name = 0;
            long dir = 0;
            for (int f = 0; f < fields; f++) {
                long value = Forms.read(cursor, unit, forms[f], 0);
                if (types[f] == LNCT_PATH) {
                    form = forms[f];
                    name = value;
                } else if (types[f] == LNCT_DIRECTORY) {
                    dir = value;
                }
            }
            if (cursor.position() > programStart) {
                throw new MalformedBinaryException("the tables of lines overrun their header");
            }
            if (dirs) {
                addDir(form, name);
            } else {
                addFile(form, name, dir);
            }
        }
    }

    private void addDir(int form, long name) throws MalformedBinaryException {
        checkCount(dirCount);
        if (dirCount == dirForms.length) {
            dirForms = Arrays.copyOf(dirForms, dirCount * 2);
            dirNames = Arrays.copyOf(dirNames, dirCount * 2);
        }
        dirForms[dirCount] = form;
        dirNames[dirCount++] = name;
    }

    private void addFile(int form, long name, long dir) throws MalformedBinaryException {
        checkCount(fileCount);
        if (fileCount == fileForms.length) {
            fileForms = Arrays.copyOf(fileForms, fileCount * 2);
            fileNames = Arrays.copyOf(fileNames, fileCount * 2);
            fileDirs = Arrays.copyOf(fileDirs, fileCount * 2);
        }
        fileForms[fileCount] = form;
        fileNames[fileCount] = name;
        fileDirs[fileCount++] = dir < 0 || dir > Integer.MAX_VALUE ? -1 : (int) dir;
    }

    private static void checkCount(int count) throws MalformedBinaryException {
        if (count >= MAX_ENTRIES) {
            throw new MalformedBinaryException("more than " + MAX_ENTRIES + " files or folders");
        }
    }

    /** The sink's number of a file; 0 if there is none of that index. */
    int number(long index, CodeSink sink) throws IOException {
        if (index < 0 || index >= fileCount) {
            return 0;
        }
        int at = (int) index;
        if (numbers[at] < 0) {
            numbers[at] = sink.file(path(at));
        }
        return numbers[at];
    }

    private String path(int index) throws IOException {
        String name = text(fileForms[index], fileNames[index]);
        if (name.isEmpty() || name.startsWith("/")) {
            return name;
        }
        String dir = directory(fileDirs[index]);
        return dir.isEmpty() ? name : dir + '/' + name;
    }

    private String directory(int index) throws IOException {
        if (index < 0 || index >= dirCount) {
            return "";
        }
        String dir = text(dirForms[index], dirNames[index]);
        String base = unit.compDir();
        if (dir.startsWith("/")) {
            return dir;
        }
        return dir.isEmpty() ? base : base.isEmpty() ? dir : base + '/' + dir;
    }

    private String text(int form, long value) throws IOException {
        if (form != Dwarf.FORM_STRING) {
            return file.text(unit, form, value, MAX_TEXT);
        }
        if (value < 0) {
            return "";
        }
        byte[] bytes = new byte[64];
        int length = 0;
        for (int b = window.u8(value); b != 0 && length < MAX_TEXT; ) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = (byte) b;
            b = window.u8(value + length);
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
