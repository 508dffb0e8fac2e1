package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.symbolfile.CodeBlock;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks the entries of a unit and hands over each function that has code, as blocks. */
final class UnitReader {
    private static final int MAX_DEPTH = 1024;

    /** Nodes that all parts of one function may take together. */
    private static final int MAX_NODES_OF_PARTS = 1 << 22;

    private final ElfFile elf;
    private final SymbolTable symbols;
    private final CodeSink sink;
    private final int priority;
    private final Functions functions;
    private final LineProgram program;
    private final LineRows lines = new LineRows();
    private final CodeBlock block = new CodeBlock();
    private final Entry entry = new Entry();
    private final RangeLists ranges = new RangeLists();
    private final List<OpenFunction> open = new ArrayList<>();
    private int openCount;

    /** By depth: the node of the open function, or -1 outside of one, and how many are open. */
    private int[] nodes = new int[64];

    private int[] opened = new int[64];
    private final Ranges covered = new Ranges();

    /** A function whose entries are being read. */
    private static final class OpenFunction {
        private int number;
        private int rangeCount;
        private long[] starts = new long[4];
        private long[] ends = new long[4];
        private final InlineTree inlines = new InlineTree();

        void begin(int function, RangeLists from) {
            number = function;
            inlines.clear();
            rangeCount = from.count();
            if (starts.length < rangeCount) {
                starts = new long[rangeCount];
                ends = new long[rangeCount];
            }
            for (int i = 0; i < rangeCount; i++) {
                starts[i] = from.start(i);
                ends[i] = from.end(i);
            }
        }
    }

    UnitReader(ElfFile elf, SymbolTable symbols, CodeSink sink, int priority) {
        this.elf = elf;
        this.symbols = symbols;
        this.sink = sink;
        this.priority = priority;
        this.functions = new Functions(sink);
        this.program = new LineProgram(elf, sink);
    }

    /** Adds the lines of the unit that was read last and lie outside of its functions. */
    void addLoose(LineRows target, int most) throws MalformedBinaryException {
        covered.sort();
        target.addOutside(lines, covered, most);
    }

    /**
     * Reads the lines of a unit of the program and, of it or of the split unit that completes it,
     * the functions.
     */
    void read(Unit unit, @Nullable Unit split) throws IOException {
        lines.clear();
        covered.clear();
        LineHeader header = unit.lineHeader();
        Window window = unit.file.line;
        if (header != null && window != null) {
            program.run(header, window, unit.addressBytes, lines);
        }
        walk(split == null ? unit : split);
    }

    private void walk(Unit unit) throws IOException {
        Cursor cursor = new Cursor(unit.file.info, unit.firstEntry);
        int depth = 0;
        openCount = 0;
        nodes[0] = -1;
        opened[0] = 0;
        while (cursor.position() < unit.end) {
            long code = cursor.uleb();
            if (code == 0) {
                depth--;
                if (depth <= 0) {
                    break;
                }
                closeDownTo(opened[depth]);
                continue;
            }
            int row = unit.abbrevs.row(code);
            int node = nodes[depth];
            int before = openCount;
            int tag = unit.abbrevs.tag(row);
            if (tag == Dwarf.TAG_SUBPROGRAM) {
                entry.read(cursor, unit, row);
                node = beginFunction(unit);
            } else if (tag == Dwarf.TAG_INLINED_SUBROUTINE && node >= 0) {
                entry.read(cursor, unit, row);
                node = addInlined(unit, node);
            } else {
                skip(cursor, unit, row);
            }
            if (unit.abbrevs.hasChildren(row)) {
                opened[depth] = before;
                depth++;
                deepen(depth);
                nodes[depth] = node;
                opened[depth] = openCount;
            } else {
                closeDownTo(before);
            }
        }
        closeDownTo(0);
    }

    private void deepen(int depth) throws MalformedBinaryException {
        if (depth > MAX_DEPTH) {
            throw new MalformedBinaryException("entries are nested deeper than " + MAX_DEPTH);
        }
        if (depth + 1 >= nodes.length) {
            nodes = Arrays.copyOf(nodes, nodes.length * 2);
            opened = Arrays.copyOf(opened, nodes.length);
        }
    }

    private static void skip(Cursor cursor, Unit unit, int row) throws IOException {
        AbbrevTable abbrevs = unit.abbrevs;
        long fixed = abbrevs.fixedBytes(row, unit.offsetBytes, unit.addressBytes);
        if (fixed != AbbrevTable.VARIABLE) {
            cursor.skip(fixed);
            return;
        }
        int end = abbrevs.endOfAttributes(row);
        for (int i = abbrevs.firstAttribute(row); i < end; i++) {
            int form = Forms.indirect(cursor, abbrevs.form(i));
            Forms.read(cursor, unit, form, 0);
        }
    }

    /** Opens the function of the entry, if it has code; gives node 0, or -1 if it has none. */
    private int beginFunction(Unit unit) throws IOException {
        ranges.read(unit, entry);
        if (ranges.count() == 0 || elf.codeEnd(ranges.start(0)) == 0) {
            return -1;
        }
        int number = functions.of(unit, entry);
        if (number == Functions.UNNAMED || !functions.isLinkable(number)) {
            int mangled = mangledName(unit, ranges.start(0));
            number = mangled == 0 ? number : functions.renamed(unit, entry, mangled);
        }
        if (number == Functions.UNNAMED) {
            return -1;
        }
        if (openCount == open.size()) {
            open.add(new OpenFunction());
        }
        open.get(openCount++).begin(number, ranges);
        return 0;
    }

    /** The mangled name that a symbol has for a function of which the entries have none; or 0. */
    private int mangledName(Unit unit, long address) throws IOException {
        boolean mangles =
                switch (unit.language()) {
                    case Dwarf.LANG_C_PLUS_PLUS,
                            Dwarf.LANG_C_PLUS_PLUS_03,
                            Dwarf.LANG_C_PLUS_PLUS_11,
                            Dwarf.LANG_C_PLUS_PLUS_14,
                            Dwarf.LANG_RUST ->
                            true;
                    default -> false;
                };
        int row = mangles ? symbols.find(address) : -1;
        if (row < 0 || symbols.start(row) != address) {
            return 0;
        }
        String symbol = symbols.name(row);
        if (!symbol.startsWith("_Z") && !symbol.startsWith("_R")) {
            return 0;
        }
        byte[] utf8 = symbol.getBytes(StandardCharsets.UTF_8);
        return sink.string(utf8, utf8.length);
    }

    private int addInlined(Unit unit, int parent) throws IOException {
        InlineTree inlines = open.get(openCount - 1).inlines;
        ranges.read(unit, entry);
        if (ranges.count() == 0 || inlines.isFull()) {
            return parent;
        }
        int number = functions.of(unit, entry);
        if (number == Functions.UNNAMED) {
            return parent;
        }
        LineHeader header = entry.callFile < 0 ? null : unit.lineHeader();
        int file = header == null ? 0 : header.number(entry.callFile, sink);
        int node = inlines.add(parent, number, file, entry.callLine);
        for (int i = 0; i < ranges.count(); i++) {
            inlines.addRange(node, ranges.start(i), ranges.end(i));
        }
        return node;
    }

    private void closeDownTo(int wanted) throws IOException {
        while (openCount > wanted) {
            OpenFunction function = open.get(--openCount);
            int parts = function.rangeCount;
            int most = Math.max(1, MAX_NODES_OF_PARTS / function.inlines.size());
            for (int i = 0; i < Math.min(parts, most); i++) {
                block.begin(function.starts[i], function.ends[i], function.number);
                function.inlines.fill(block, function.starts[i], function.ends[i], lines);
                sink.block(block, priority);
                covered.add(function.starts[i], function.ends[i]);
            }
        }
    }
}
