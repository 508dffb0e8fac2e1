package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * Rules of code for which linkers and C libraries write no call frame information, but that can be
 * told by its place and its bytes: linkage stubs, the entry point, where threads begin, the return
 * from signal handlers.
 */
final class UncoveredCode {
    private static final int PT_INTERP = 3;
    private static final int ET_EXEC = 2;
    private static final int TYPE_AT = 16;
    private static final int ENTRY_AT = 24;
    private static final int MOST_ENTRY_BYTES = 64;
    private static final int STUB_BYTES = 16;
    private static final int MAX_STUB_BYTES = 1 << 24;

    /** mov $15, %rax; syscall. 15 is rt_sigreturn. */
    private static final byte[] LONG_RESTORER = {
        0x48, (byte) 0xc7, (byte) 0xc0, 15, 0, 0, 0, 15, 5
    };

    /** mov $15, %eax; syscall. */
    private static final byte[] SHORT_RESTORER = {(byte) 0xb8, 15, 0, 0, 0, 15, 5};

    /** xor %ebp, %ebp; pop %rdi; call *%r9: how musl's clone begins a thread. */
    private static final byte[] THREAD_START = {
        0x31, (byte) 0xed, 0x5f, 0x41, (byte) 0xff, (byte) 0xd1
    };

    /** With the call of exit that follows. */
    private static final int THREAD_START_BYTES = 15;

    private static final byte[] NOTHING = {};
    private static final int SHORTEST_CODE = 6;

    private static final byte[] ENDBR64 = {(byte) 0xf3, 0x0f, 0x1e, (byte) 0xfa};

    /** Clearing rbp: what the ABI asks of the outermost frame. */
    private static final byte[] XOR_RBP = {0x48, 0x31, (byte) 0xed};

    private static final byte[] XOR_EBP = {0x31, (byte) 0xed};

    private final ElfFile elf;
    private final RuleSink sink;
    private final long entry;
    private int found;

    UncoveredCode(ElfFile elf, RuleSink sink) throws IOException {
        this.elf = elf;
        this.sink = sink;
        this.entry = elf.window().i64(ENTRY_AT);
    }

    /** Rules that were handed over. */
    int found() {
        return found;
    }

    private void hand(long start, long end, UnwindRule rule) throws IOException {
        sink.rule(start, end, rule);
        found++;
    }

    private static UnwindRule sp(int offset) {
        return new UnwindRule(Kind.CFA_SP, 0, Saved.SAME, 0, offset, 0, 0);
    }

    /** The linkage stubs, by the names of their sections. */
    void linkageStubs() throws IOException {
        for (Section section : elf.sections()) {
            boolean code =
                    section.executable()
                            && section.type() != ElfFile.SHT_NOBITS
                            && section.bytes() > 0
                            && section.bytes() <= MAX_STUB_BYTES
                            && elf.window().contains(section.offset(), section.bytes());
            if (!code) {
                continue;
            }
            switch (section.name()) {
                case ".plt" -> lazyStubs(section);
                case ".plt.sec", ".plt.got", ".iplt" ->
                        hand(section.address(), section.address() + section.bytes(), sp(8));
                default -> {} // code of functions
            }
        }
    }

    /**
     * The first stub pushes a word and jumps; the others push a number when they run for the first
     * time, and then jump to the first. Static programs have neither.
     */
    private void lazyStubs(Section section) throws IOException {
        Window window = elf.window();
        long start = section.address();
        long end = start + section.bytes();
        boolean lazy =
                section.bytes() > STUB_BYTES
                        && window.u8(section.offset()) == 0xff
                        && window.u8(section.offset() + 1) == 0x35;
        if (!lazy) {
            hand(start, end, sp(8));
            return;
        }
        hand(start, start + 6, sp(16));
        hand(start + 6, start + STUB_BYTES, sp(24));
        boolean landingPads = matches(section.offset() + STUB_BYTES, ENDBR64);
        // jmp *slot(%rip), or endbr64: then comes push $number, of five bytes.
        int pushed = landingPads ? ENDBR64.length + 5 : 6 + 5;
        UnwindRule stub = new UnwindRule(Kind.PLT, 0, Saved.SAME, 0, 8, 0, pushed);
        hand(start + STUB_BYTES, end, stub);
    }

    /** What can be told of code without rules. */
    void gap(long start, long end) throws IOException {
        knownCode(start, end);
        if (entry >= start && entry < end && isOutermost()) {
            hand(entry, Math.min(end, entry + MOST_ENTRY_BYTES), UnwindRule.STOP);
        }
    }

    /** Whether the entry point is where a program starts. Libraries have one without a meaning. */
    private boolean isOutermost() throws IOException {
        if (elf.window().u16(TYPE_AT) == ET_EXEC) {
            return true;
        }
        for (Segment segment : elf.segments()) {
            if (segment.type() == PT_INTERP) {
                return true;
            }
        }
        OptionalLong offset = elf.fileOffset(entry);
        if (offset.isEmpty()) {
            return false;
        }
        long at = offset.getAsLong();
        at += matches(at, ENDBR64) ? ENDBR64.length : 0;
        return matches(at, XOR_RBP) || matches(at, XOR_EBP);
    }

    /**
     * The return from signal handlers, and where threads begin. The kernel puts the address of the
     * former on the stack as if it had made a call, so it is looked up by the byte before it.
     */
    private void knownCode(long start, long end) throws IOException {
        OptionalLong offset = elf.fileOffset(start);
        if (offset.isEmpty()) {
            return;
        }
        long shift = start - offset.getAsLong();
        long limit = Math.min(end - shift, elf.window().size());
        for (long at = offset.getAsLong(); at + SHORTEST_CODE <= limit; at++) {
            long address = at + shift;
            int first = elf.window().u8(at);
            byte[] code =
                    switch (first) {
                        case 0x48 -> LONG_RESTORER;
                        case 0xb8 -> SHORT_RESTORER;
                        case 0x31 -> THREAD_START;
                        default -> NOTHING;
                    };
            if (code.length == 0 || at + code.length > limit || !matches(at, code)) {
                continue;
            }
            if ((byte) first == THREAD_START[0]) {
                hand(address, Math.min(end, address + THREAD_START_BYTES), UnwindRule.STOP);
            } else {
                hand(address - 1, address + code.length, RuleTranslation.signal(0));
            }
            at += code.length - 1;
        }
    }

    private boolean matches(long offset, byte[] code) throws IOException {
        if (!elf.window().contains(offset, code.length)) {
            return false;
        }
        for (int i = 0; i < code.length; i++) {
            if ((byte) elf.window().u8(offset + i) != code[i]) {
                return false;
            }
        }
        return true;
    }
}
