package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Language;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.unwind.RuleSink;
import java.io.IOException;
import java.util.BitSet;

/**
 * Makes unwind rules of the table that every Go program carries, for x86-64. Ordinary functions:
 * {@link GoFrames}. Where stacks end, or go on on another one: {@link GoStackSwitches}; these are
 * handed over first, so that they stay where both speak. Between the two, C code that starts Go's
 * threads: {@link CgoThreadStart}.
 */
public final class GoRules {
    private static final int EM_X86_64 = 62;
    private static final int FLAG_SPWRITE = 2;

    /** Bytes of a function that ends or changes stacks; the longest has some 500. */
    private static final long MOST_SWITCHING_CODE = 1 << 13;

    /** Bytes behind Go's functions that are searched. */
    private static final long MOST_FOREIGN_CODE = 64L << 20;

    private final GoFunctions functions;
    private final RuleSink sink;
    private final Window values;
    private final GoCode code;
    private final GoFrames frames;
    private final GoStackSwitches switches;
    private final RuleRanges ranges = new RuleRanges();

    /** Functions whose table holds all the way, though they write rsp. */
    private final BitSet switching = new BitSet();

    private int found;
    private int damaged;

    private GoRules(ElfFile elf, GoFunctions functions, RuleSink sink) throws IOException {
        this.functions = functions;
        this.sink = sink;
        this.values = new Window(elf.window().source(), 4096);
        this.code = new GoCode(elf);
        this.frames = new GoFrames(code);
        this.switches = new GoStackSwitches(code, frames);
    }

    /**
     * What was read.
     *
     * @param functions that have rules
     * @param damaged that could not be read, and have none; 1 if it is the table as a whole
     * @param magic number of the table, which tells versions of Go apart; 0: no Go program
     */
    public record Result(int functions, int damaged, int magic) {}

    /**
     * Hands over the rules of a file, none if it is no Go program for x86-64.
     *
     * @throws IOException what the sink or the file throws; what is damaged is counted instead
     */
    public static Result read(ElfFile elf, RuleSink sink) throws IOException {
        boolean isX86 = elf.window().u16(18) == EM_X86_64;
        if (!isX86 || Language.of(elf, SymbolTable.EMPTY) != FrameKind.GO) {
            return new Result(0, 0, 0);
        }
        GoFunctions functions;
        try {
            functions = GoFunctions.find(elf);
        } catch (MalformedBinaryException e) {
            return new Result(0, 1, 0);
        }
        if (functions == null) {
            return new Result(0, 0, 0);
        }
        int magic = functions.header().magic();
        if (!functions.hasStart()) {
            return new Result(0, functions.count(), magic);
        }
        GoRules rules = new GoRules(elf, functions, sink);
        rules.eachFunction(rules::survey);
        rules.eachFunction(rules::addSwitches);
        rules.addThreadStart(elf);
        rules.damaged = 0;
        rules.eachFunction(rules::addFrames);
        return new Result(rules.found, rules.damaged, magic);
    }

    private interface Step {
        void take(int index, long start, long end) throws IOException;
    }

    private void eachFunction(Step step) throws IOException {
        for (int i = 0; i < functions.count(); i++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("told to stop while Go's functions were read");
            }
            ranges.clear();
            try {
                long start = functions.start(i);
                long end = functions.end(i, start);
                if (!GoFunctions.isRange(start, end)) {
                    continue;
                }
                step.take(i, start, end);
            } catch (MalformedBinaryException e) {
                damaged++;
                continue;
            }
            ranges.handOver(sink);
        }
    }

    private void survey(int index, long start, long end) throws IOException {
        long fields = functions.fields(index);
        String name = functions.name(fields);
        if (concerns(name, start, end) && open(fields, start, end)) {
            switches.survey(name, flags(fields));
        }
    }

    private static boolean concerns(String name, long start, long end) {
        return end - start <= MOST_SWITCHING_CODE && GoStackSwitches.concerns(name);
    }

    private void addSwitches(int index, long start, long end) throws IOException {
        long fields = functions.fields(index);
        String name = functions.name(fields);
        if (concerns(name, start, end)
                && open(fields, start, end)
                && switches.add(name, start, end, ranges)) {
            switching.set(index);
        }
    }

    /** C code stands behind Go's. */
    private void addThreadStart(ElfFile elf) throws IOException {
        ranges.clear();
        try {
            int last = functions.count() - 1;
            long from = functions.end(last, functions.start(last));
            long end = Math.min(elf.codeEnd(from), from + MOST_FOREIGN_CODE);
            if (switches.isCalledByC() && GoFunctions.isRange(from, end)) {
                code.seek(from, end);
                CgoThreadStart.add(code, from, ranges);
            }
        } catch (MalformedBinaryException e) {
            ranges.clear(); // its last function is damaged, which is counted elsewhere
        }
        ranges.handOver(sink);
    }

    private void addFrames(int index, long start, long end) throws IOException {
        long fields = functions.fields(index);
        if (!open(fields, start, end)) {
            return;
        }
        boolean writes = !switching.get(index) && writesSp(fields);
        if (writes) {
            String name = functions.name(fields);
            frames.addWithWrites(start, end - start, keepsFp(name), ranges);
        } else {
            frames.addByTable(start, end - start, ranges);
        }
        found++;
    }

    /** Reads the table of steps of a function and moves to its code. */
    private boolean open(long fields, long start, long end) throws IOException {
        long pcsp = functions.window().u32(fields + 12);
        if (pcsp == 0) {
            return false;
        }
        GoHeader header = functions.header();
        frames.steps()
                .read(values, header.at(header.values() + pcsp), header.quantum(), end - start);
        code.seek(start, end);
        return frames.isKnown();
    }

    private int flags(long fields) throws IOException {
        return functions.window().u8(functions.flags(fields) + 1);
    }

    /** What the sources of the runtime say; a test runs over its code. */
    private static boolean keepsFp(String name) {
        return name.equals("time.now")
                || (name.startsWith("runtime.") && !name.equals("runtime.gogo"));
    }

    /** Go 1.16 has no flags: there the runtime's code is searched for what writes rsp. */
    private boolean writesSp(long fields) throws IOException {
        if (switches.hasFlags()) {
            return (flags(fields) & FLAG_SPWRITE) != 0;
        }
        return functions.name(fields).startsWith("runtime.") && frames.findWrite() >= 0;
    }
}
