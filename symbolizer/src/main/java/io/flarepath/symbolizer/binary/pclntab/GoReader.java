package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.LongIntMap;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.symbolfile.CodeBlock;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Reads the functions of a Go program, the calls inlined into them, files and lines, from the table
 * that the runtime itself uses, through windows. It is there in stripped programs too. Source:
 * {@code _func}, {@code inlinedCall} and {@code funcdata} in {@code runtime/runtime2.go}, {@code
 * symtab.go} and {@code symtabinl.go} of Go 1.16 to 1.26.
 */
public final class GoReader {
    private static final int PCDATA_INL_TREE = 2;
    private static final int FUNCDATA_INL_TREE = 3;
    private static final int MAX_DATA = 64;
    private static final int MAX_INLINED = 1 << 15;
    private static final int MAX_TEXTS = 4_000_000;
    private static final long NO_DATA = 0xffff_ffffL;

    private final ElfFile elf;
    private final GoFunctions functions;
    private final GoHeader header;
    private final CodeSink sink;
    private final int priority;
    private final Window values;
    private final Window fields;
    private final GoTexts texts;
    private final Window treeWindow;

    private final LongIntMap nameNumbers = new LongIntMap(MAX_TEXTS);
    private final LongIntMap fileNumbers = new LongIntMap(MAX_TEXTS);
    private final LongIntMap inlinedFunctions = new LongIntMap(MAX_TEXTS);

    private final PcValues files = new PcValues();
    private final PcValues lines = new PcValues();
    private final PcValues calls = new PcValues();
    private final CodeBlock block = new CodeBlock();

    /** Nodes of the block by the index of an inlined call; 0: not known yet. */
    private int[] nodes = new int[64];

    private int damaged;

    private GoReader(ElfFile elf, GoFunctions functions, CodeSink sink, int priority)
            throws IOException {
        this.elf = elf;
        this.functions = functions;
        this.header = functions.header();
        this.sink = sink;
        this.priority = priority;
        ByteSource source = elf.window().source();
        this.values = new Window(source, 4096);
        this.fields = new Window(source, 4096);
        this.texts = new GoTexts(fields);
        this.treeWindow = new Window(source, 4096);
    }

    /**
     * What was read.
     *
     * @param functions that were handed over
     * @param damaged that were left out
     */
    public record Result(int functions, int damaged) {}

    /** Reads the table of a file, which has no functions if it is no Go program. */
    public static Result read(ElfFile elf, CodeSink sink, int priority) throws IOException {
        GoFunctions functions = GoFunctions.find(elf);
        if (functions == null) {
            return new Result(0, 0);
        }
        if (!functions.hasStart()) {
            throw new MalformedBinaryException("where the Go program's code starts is not known");
        }
        GoReader reader = new GoReader(elf, functions, sink, priority);
        int found = reader.readAll();
        return new Result(found, reader.damaged);
    }

    private int readAll() throws IOException {
        int found = 0;
        for (int i = 0; i < functions.count(); i++) {
            long start = functions.start(i);
            long end = functions.end(i, start);
            if (!GoFunctions.isRange(start, end)) {
                continue;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("told to stop while Go's functions were read");
            }
            try {
                readFunction(functions.fields(i), start, end);
                found++;
            } catch (MalformedBinaryException e) {
                damaged++;
            }
        }
        return found;
    }

    private void readFunction(long record, long start, long end) throws IOException {
        boolean old = header.magic() == GoHeader.GO_1_16;
        long name = fields.u32(record);
        long pcFile = fields.u32(record + 16);
        long pcLine = fields.u32(record + 20);
        long pcDataCount = fields.u32(record + 24);
        long unit = fields.u32(record + 28);
        int startLine = functions.hasStartLine() ? fields.i32(record + 32) : 0;
        long flags = functions.flags(record);
        int dataCount = fields.u8(flags + 3);
        if (pcDataCount > MAX_DATA || dataCount > MAX_DATA) {
            throw new MalformedBinaryException("a Go function announces too much data");
        }
        long pcData = flags + 4;
        long inlinedCalls =
                pcDataCount > PCDATA_INL_TREE ? fields.u32(pcData + 4 * PCDATA_INL_TREE) : 0;
        long tree = dataCount > FUNCDATA_INL_TREE ? tree(pcData + 4 * pcDataCount, old) : -1;

        long length = end - start;
        readValues(files, pcFile, length);
        readValues(lines, pcLine, length);
        readValues(calls, tree < 0 ? 0 : inlinedCalls, length);
        int declared = file(unit, files.at(0));
        int number = sink.function(nameNumber(name), declared, startLine, FrameKind.GO);
        block.begin(start, end, number);
        Arrays.fill(nodes, 0);
        addRows(unit, start, length, tree);
        sink.block(block, priority);
    }

    private long tree(long data, boolean old) throws IOException {
        if (old) {
            long aligned = (data - header.offset() + 7 & ~7L) + header.offset();
            long address = fields.i64(aligned + 8L * FUNCDATA_INL_TREE);
            return address == 0 ? -1 : elf.fileOffset(address).orElse(-1);
        }
        long offset = fields.u32(data + 4L * FUNCDATA_INL_TREE);
        if (offset == NO_DATA || functions.functionData() < 0) {
            return -1;
        }
        OptionalLong at = elf.fileOffset(functions.functionData() + offset);
        return at.orElse(-1);
    }

    private void readValues(PcValues target, long offset, long length) throws IOException {
        if (offset == 0) {
            target.clear();
        } else {
            target.read(values, header.at(header.values() + offset), header.quantum(), length);
        }
    }

    private void addRows(long unit, long start, long length, long tree) throws IOException {
        int fileRow = 0;
        int lineRow = 0;
        int callRow = 0;
        long at = 0;
        while (at < length) {
            int node = node(calls.value(callRow), tree, unit, 0);
            int line = Math.max(0, lines.value(lineRow));
            block.row(start + at, node, file(unit, files.value(fileRow)), line);
            at = Math.min(files.end(fileRow), Math.min(lines.end(lineRow), calls.end(callRow)));
            fileRow += files.end(fileRow) == at ? 1 : 0;
            lineRow += lines.end(lineRow) == at ? 1 : 0;
            callRow += calls.end(callRow) == at ? 1 : 0;
        }
    }

    /** The node of an inlined call; 0, the function itself, for index -1. */
    private int node(int index, long tree, long unit, int depth) throws IOException {
        if (index < 0 || tree < 0) {
            return 0;
        }
        if (index >= MAX_INLINED || depth > 256) {
            throw new MalformedBinaryException("a Go function has too many inlined calls");
        }
        if (index >= nodes.length) {
            nodes = Arrays.copyOf(nodes, Math.max(index + 1, nodes.length * 2));
        }
        if (nodes[index] > 0) {
            return nodes[index];
        }
        boolean named = header.magic() == GoHeader.GO_1_20;
        long record = tree + (long) index * (named ? 16 : 20);
        long name = treeWindow.u32(record + (named ? 4 : 12));
        long parentPc = treeWindow.u32(record + (named ? 8 : 16));
        int startLine = named ? treeWindow.i32(record + 12) : 0;
        int parent = node(calls.at(parentPc), tree, unit, depth + 1);
        int function = inlined(name, startLine);
        int file = file(unit, files.at(parentPc));
        int made = block.node(parent, function, file, Math.max(0, lines.at(parentPc)));
        nodes[index] = made;
        return made;
    }

    private int inlined(long name, int startLine) throws IOException {
        int known = inlinedFunctions.get(name);
        if (known < 0) {
            known = sink.function(nameNumber(name), 0, startLine, FrameKind.GO);
            inlinedFunctions.put(name, known);
        }
        return known;
    }

    private int nameNumber(long name) throws IOException {
        int known = nameNumbers.get(name);
        if (known < 0) {
            int length = texts.read(header.at(header.names() + name));
            known = sink.string(texts.bytes(), length);
            nameNumbers.put(name, known);
        }
        return known;
    }

    private int file(long unit, int index) throws IOException {
        if (index < 0) {
            return 0;
        }
        long slot = header.at(header.units() + 4 * (unit + index));
        long offset = fields.u32(slot);
        if (offset == NO_DATA) {
            return 0; // removed by the linker
        }
        int known = fileNumbers.get(offset);
        if (known < 0) {
            known = sink.file(texts.string(header.at(header.files() + offset)));
            fileNumbers.put(offset, known);
        }
        return known;
    }
}
