package io.flarepath.symbolizer.binary.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler.Source;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import io.flarepath.symbolizer.live.MemoryMapping;
import io.flarepath.symbolizer.live.ProcessMaps;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of small programs, compared with readelf and with what the code does. */
final class UnwindCompilerTest {
    /** Alloca, an over-aligned local, calls through linkage stubs. */
    private static final String C =
            """
            #include <alloca.h>
            #include <math.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            static volatile long sink;
            __attribute__((noinline)) long leaf(long a) { return a * sink; }
            __attribute__((noinline, force_align_arg_pointer)) long realigned(int n) {
              char aligned[64] __attribute__((aligned(64)));
              char *room = alloca(n);
              memset(room, n, n); memset(aligned, n, sizeof aligned);
              return leaf(room[n / 2] + aligned[n & 63]);
            }
            __attribute__((noinline)) long split(int n) {
              if (n > 100000) { puts("far"); sink += strtol("7", 0, 10); abort(); }
              return leaf(n) + realigned(n);
            }
            int main(int argc, char **argv) {
              for (int i = 0; i < argc * 3; i++) sink += split(argc + i);
              printf("%ld\\n", sink);
              return 0;
            }
            """;

    @TempDir Path directory;

    private Path compile(String command) throws IOException {
        Files.writeString(directory.resolve("p.c"), C);
        Programs.run(directory, "sh", "-c", command);
        return directory.resolve("p");
    }

    private static void checkOracle(Path program, String section, UnwindTable table)
            throws IOException {
        var oracle = FrameOracle.compare(program, section, table);
        assertThat(oracle.differences()).isEmpty();
        // Only longjmp, which static programs have inside.
        assertThat(oracle.inexpressible().size()).isLessThanOrEqualTo(oracle.rows() / 1000);
        assertThat(oracle.entries()).isGreaterThanOrEqualTo(4);
        assertThat(oracle.addresses()).isGreaterThan(100);
    }

    /** Addresses of symbols. */
    private record Symbols(Map<String, Long> addresses) {
        long at(String name) {
            Long address = addresses.get(name);
            if (address == null) {
                throw new IllegalArgumentException(name + " is none of " + addresses.keySet());
            }
            return address;
        }
    }

    private Symbols symbols(Path program) {
        Map<String, Long> symbols = new HashMap<>();
        for (String line : Programs.run(directory, "nm", program.toString()).split("\n", -1)) {
            String[] fields = line.trim().split(" +", -1);
            if (fields.length == 3) {
                symbols.put(fields[2], Long.parseUnsignedLong(fields[0], 16));
            }
        }
        return new Symbols(symbols);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gcc -O2 -fomit-frame-pointer -o p p.c",
                "gcc -O2 -fno-omit-frame-pointer -o p p.c",
                "gcc -O2 -mavx2 -no-pie -o p p.c",
                "gcc -O2 -static -o p p.c",
                "gcc -O2 -static-pie -o p p.c",
                "gcc -O2 -fcf-protection=full -Wl,-z,ibtplt -Wl,-z,lazy -o p p.c",
                "gcc -O2 -Wl,-z,lazy -o p p.c && strip p",
                "clang -O2 -o p p.c",
                "gcc -O2 -ffunction-sections -Wl,--gc-sections -Wl,-z,noseparate-code -o p p.c",
            })
    void programsHaveTheRulesThatReadelfPrints(String command) throws IOException {
        Path program = compile(command);
        var compiled = UnwindTables.compile(directory, program);
        assertThat(compiled.result().sources()).contains(Source.EH_FRAME);
        assertThat(compiled.result().damaged()).isZero();
        assertThat(compiled.table().hasRules()).isTrue();
        checkOracle(program, ".eh_frame", compiled.table());
    }

    @Test
    void anAlignedStackIsFollowedByTheWordThatKeepsTheOldOne() throws IOException {
        Path program = compile("gcc -O2 -o p p.c");
        UnwindTable table = UnwindTables.compile(directory, program).table();
        long start = symbols(program).at("realigned");
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        Set<Saved> saved = EnumSet.noneOf(Saved.class);
        for (long at = start; at < start + 64; at++) {
            kinds.add(table.find(at).kind());
            saved.add(table.find(at).saved());
        }
        assertThat(kinds).contains(Kind.CFA_SP, Kind.CFA_REGISTER, Kind.CFA_FP_DEREF);
        assertThat(saved).contains(Saved.SAME, Saved.AT_FP);
    }

    @Test
    void theColdPartOfAFunctionHasItsOwnRules() throws IOException {
        Files.writeString(
                directory.resolve("c.cc"),
                """
                #include <stdexcept>
                #include <string>
                __attribute__((noinline)) long split(int n) {
                  std::string s(n, 'x');
                  if (n > 1000) throw std::runtime_error(s + "!");
                  return s.size();
                }
                int main(int argc, char **argv) { return split(argc); }
                """);
        Path program = compile("g++ -O2 -o p c.cc");
        UnwindTable table = UnwindTables.compile(directory, program).table();
        checkOracle(program, ".eh_frame", table);
        Symbols symbols = symbols(program);
        long cold = symbols.at("_Z5spliti.cold");
        assertThat(cold).isLessThan(symbols.at("_Z5spliti"));
        assertThat(table.find(cold).kind()).isEqualTo(Kind.CFA_SP);
        assertThat(table.find(cold).offset()).isGreaterThan(8);
        assertThat(table.find(symbols.at("main")))
                .isEqualTo(new UnwindRule(Kind.CFA_SP, 0, Saved.SAME, 0, 8, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-static", "-no-pie"})
    void aProgramWithoutSectionHeadersHasTheSameRules(String options) throws IOException {
        Path program = compile("gcc -O2 " + options + " -o p p.c");
        UnwindTable whole = UnwindTables.compile(directory, program).table();
        Path bare = directory.resolve("bare");
        Files.copy(program, bare);
        try (RandomAccessFile file = new RandomAccessFile(bare.toFile(), "rw")) {
            file.seek(40);
            file.writeLong(0); // e_shoff
            file.seek(58);
            file.writeShort(0);
            file.writeInt(0); // e_shnum, e_shstrndx
        }
        var compiled = UnwindTables.compile(directory, bare);
        checkOracle(program, ".eh_frame", compiled.table());
        assertThat(compiled.result().damaged()).isZero();
        assertThat(compiled.table().rowCount()).isCloseTo(whole.rowCount(), within(8));
    }

    private static org.assertj.core.data.Offset<Integer> within(int offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }

    private static final String NO_TABLES =
            "gcc -O2 -g -fno-asynchronous-unwind-tables -fno-unwind-tables ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-gdwarf-3",
                "-gdwarf-4",
                "-gdwarf-5",
                "-gdwarf-5 -gz=zlib",
                "-gdwarf-4 -no-pie"
            })
    void debugFramesServeWhereThereAreNoOthers(String options) throws IOException {
        Path program = compile(NO_TABLES + options + " -o p p.c");
        var compiled = UnwindTables.compile(directory, program);
        assertThat(compiled.result().sources()).contains(Source.DEBUG_FRAME);
        checkOracle(program, ".debug_frame", compiled.table());
    }

    @Test
    void debugFramesOfASeparateFileServe() throws IOException {
        Path program =
                compile(
                        NO_TABLES
                                + "-Wl,--build-id=0xabcdef01 -o p p.c && cp p whole"
                                + " && mkdir -p root/usr/lib/debug/.build-id/ab"
                                + " && objcopy --only-keep-debug p"
                                + " root/usr/lib/debug/.build-id/ab/cdef01.debug && strip p");
        var alone = UnwindTables.compile(directory, program);
        assertThat(alone.result().sources()).doesNotContain(Source.SEPARATE_DEBUG_FRAME);
        long main = symbols(directory.resolve("whole")).at("main");
        assertThat(alone.table().find(main)).isEqualTo(UnwindRule.FRAME_POINTER);
        var compiled = UnwindTables.compile(directory, program, directory.resolve("root"));
        assertThat(compiled.result().sources()).contains(Source.SEPARATE_DEBUG_FRAME);
        checkOracle(directory.resolve("whole"), ".debug_frame", compiled.table());
    }

    /** Linkers other than GNU's write no call frames for linkage stubs. */
    @ParameterizedTest
    @ValueSource(strings = {"-Wl,-z,lazy", "-Wl,-z,now", "-fcf-protection=full -Wl,-z,ibtplt"})
    void linkageStubsHaveRulesOfTheirOwn(String options) throws IOException {
        String gcc = "gcc -O2 -fno-plt -fplt " + options;
        Path program =
                compile(
                        gcc
                                + " -o whole p.c && "
                                + gcc
                                + " -Wl,--no-ld-generated-unwind-info -o p p.c");
        UnwindTable table = UnwindTables.compile(directory, program).table();
        UnwindTable whole = UnwindTables.compile(directory, directory.resolve("whole")).table();
        int stubs = 0;
        for (String section : new String[] {".plt", ".plt.got", ".plt.sec"}) {
            long[] stub = section(program, section);
            long[] other = section(directory.resolve("whole"), section);
            assertThat(stub[1]).isEqualTo(other[1]);
            for (long i = 0; i < stub[1]; i++) {
                assertThat(delta(table, stub[0] + i))
                        .as(section + "+" + i)
                        .isEqualTo(delta(whole, other[0] + i));
                stubs++;
            }
        }
        assertThat(stubs).isGreaterThan(32);
    }

    /** How far the frame address is above the stack pointer. */
    private static int delta(UnwindTable table, long address) {
        UnwindRule rule = table.find(address);
        return switch (rule.kind()) {
            case CFA_SP -> rule.offset();
            case PLT -> rule.offset() + ((address & 15) >= rule.addend() ? 8 : 0);
            default -> throw new AssertionError(Long.toHexString(address) + " " + rule);
        };
    }

    private static long[] section(Path program, String name) throws IOException {
        ElfFile elf = ElfFile.read(ByteSource.of(Files.readAllBytes(program)));
        return elf.section(name)
                .map(s -> new long[] {s.address(), s.bytes()})
                .orElse(new long[] {0, 0});
    }

    /** Start code and signal return as musl has them: without call frames. */
    private static final String BARE =
            """
            .text
            .globl _start
            _start: xor %rbp, %rbp
              mov %rsp, %rdi
              and $-16, %rsp
              call main_c
              hlt
            .p2align 4
            .globl plain
            plain: .fill 60, 1, 0x90
              ret
              nop
            .globl restore_rt
            restore_rt: mov $15, %rax
              syscall
              .p2align 4
              .fill 3, 1, 0x90
            .globl thread_start
            thread_start: xor %ebp, %ebp
              pop %rdi
              call *%r9
              mov %eax, %edi
              xor %eax, %eax
              mov $60, %al
              syscall
              hlt
            .globl after_start
            after_start: ret
              .fill 30, 1, 0x90
            .globl restore_short
            restore_short: mov $15, %eax
              syscall
            """;

    @ParameterizedTest
    @ValueSource(strings = {"-fasynchronous-unwind-tables", "-fno-asynchronous-unwind-tables"})
    void startCodeAndSignalReturnAreToldByTheirBytes(String tables) throws IOException {
        Files.writeString(directory.resolve("s.S"), BARE);
        Files.writeString(
                directory.resolve("m.c"),
                "int main_c(long *p) { for (;;) __asm__ volatile(\"\" :: \"r\"(p)); }\n");
        Path program = compile("gcc -O2 -nostdlib -static " + tables + " -o p s.S m.c");
        var compiled = UnwindTables.compile(directory, program);
        UnwindTable table = compiled.table();
        Symbols symbols = symbols(program);
        boolean hasRules = !tables.contains("no-");
        assertThat(table.hasRules()).isEqualTo(hasRules);
        long start = symbols.at("_start");
        assertThat(table.find(start)).isEqualTo(UnwindRule.STOP);
        assertThat(table.find(start + 63)).isEqualTo(UnwindRule.STOP);
        assertThat(table.find(start + 64)).isEqualTo(UnwindRule.FRAME_POINTER);
        UnwindRule signal = new UnwindRule(Kind.SIGNAL, 0, Saved.SAME, 0, 0, 0, 0);
        for (String name : new String[] {"restore_rt", "restore_short"}) {
            long restorer = symbols.at(name);
            assertThat(table.find(restorer - 2)).isNotEqualTo(signal);
            assertThat(table.find(restorer - 1)).isEqualTo(signal);
            assertThat(table.find(restorer + 6)).isEqualTo(signal);
        }
        for (long at = symbols.at("thread_start"); at < symbols.at("after_start"); at++) {
            assertThat(table.find(at)).isEqualTo(UnwindRule.STOP);
        }
        assertThat(table.find(symbols.at("after_start"))).isEqualTo(UnwindRule.FRAME_POINTER);
        UnwindRule main = table.find(symbols.at("main_c"));
        assertThat(main.kind()).isEqualTo(hasRules ? Kind.CFA_SP : Kind.FRAME_POINTER);
        assertThat(compiled.result().sources()).contains(Source.UNCOVERED_CODE);
    }

    /** Each instruction and form of call frames, some of which no rule expresses. */
    private static final String FRAMES =
            """
            .text
            .macro row
              nop
            .endm
            .macro function name
            .p2align 4
            \\name: .cfi_startproc
              row
            .endm
            function remembered
              .rept 10
              .cfi_adjust_cfa_offset 8
              .cfi_remember_state
              row
              .endr
              .rept 10
              .cfi_restore_state
              row
              .cfi_adjust_cfa_offset 16
              row
              .endr
            .cfi_endproc
            function registers
              .cfi_def_cfa rbx, 32
              row
              .cfi_offset rbp, -16
              row
              .cfi_def_cfa_register r13
              row
              .cfi_restore rbp
              row
              .cfi_undefined rbp
              row
              .cfi_same_value rbp
              row
              .cfi_def_cfa_offset -64
              row
              .cfi_def_cfa rbp, 16
              .cfi_offset rbp, -16
              row
              .cfi_register rip, r11
              row
              .cfi_undefined rip
              row
            .cfi_endproc
            function expressions
              .cfi_escape 0x0f, 3, 0x77, 0x78, 0x06              # *(rsp - 8)
              row
              .cfi_escape 0x0f, 6, 0x76, 0x80, 0x01, 0x06, 0x23, 0x10  # *(rbp + 128) + 16
              row
            .cfi_endproc
            function inexpressible
              .cfi_register rbp, r9
              row
              .cfi_restore rbp
              row
              .cfi_offset rip, -24
              row
              .cfi_offset rip, -8
              row
              .cfi_val_offset rsp, 8
              row
              .cfi_restore rsp
              .cfi_offset rbp, -40000
              row
              .cfi_restore rbp
              .cfi_escape 0x0f, 3, 0x73, 8, 0x06                 # *(rbx + 8)
              row
              .cfi_def_cfa rsp, 8
              row
            .cfi_endproc
            .p2align 4
            nop
            signal40: .cfi_startproc
              .cfi_signal_frame
              .cfi_escape 0x0f, 4, 0x77, 0xc8, 0x01, 0x06        # *(rsp + 200)
              .cfi_escape 0x10, 6, 3, 0x77, 0xa0, 0x01           # rbp at rsp + 160
              .cfi_escape 0x10, 7, 3, 0x77, 0xc8, 0x01           # rsp at rsp + 200
              .cfi_escape 0x10, 16, 3, 0x77, 0xd0, 0x01          # rip at rsp + 208
              row
              .cfi_escape 0x10, 6, 3, 0x77, 0x98, 0x01           # rbp elsewhere: they disagree
              row
            .cfi_endproc
            """;

    private Path assemble(String frames, String sections) throws IOException {
        Files.writeString(directory.resolve("f.s"), sections + frames);
        Programs.run(directory, "sh", "-c", "gcc -nostdlib -shared -Wl,-e,0 -o f f.s");
        return directory.resolve("f");
    }

    @ParameterizedTest
    @ValueSource(strings = {".eh_frame", ".debug_frame"})
    void eachFormOfCallFramesIsARuleOrUnknown(String section) throws IOException {
        Path library = assemble(FRAMES, ".cfi_sections " + section + "\n");
        var compiled = UnwindTables.compile(directory, library);
        UnwindTable table = compiled.table();
        var oracle = FrameOracle.compare(library, section, table);
        assertThat(oracle.differences()).isEmpty();
        assertThat(oracle.inexpressible()).hasSize(6);
        assertThat(compiled.result().inexpressible()).isEqualTo(oracle.inexpressible().size());
        assertThat(compiled.result().examples()).hasSize(oracle.inexpressible().size());
        assertThat(compiled.result().damaged()).isZero();
        Symbols symbols = symbols(library);
        UnwindRule signal = new UnwindRule(Kind.SIGNAL, 0, Saved.SAME, 0, 40, 0, 0);
        assertThat(table.find(symbols.at("signal40"))).isEqualTo(signal);
        assertThat(table.find(symbols.at("signal40") + 1)).isEqualTo(UnwindRule.UNKNOWN);
        long registers = symbols.at("registers");
        assertThat(table.find(registers + 9))
                .isEqualTo(new UnwindRule(Kind.CFA_FP, 0, Saved.AT_CFA, 12, 16, -16, 0));
        assertThat(table.find(registers + 10)).isEqualTo(UnwindRule.STOP);
        assertThat(table.find(symbols.at("expressions") + 2))
                .isEqualTo(new UnwindRule(Kind.CFA_FP_DEREF, 0, Saved.SAME, 0, 128, 0, 16));
    }

    /** Gaps: padding keeps the rule before it, longer ones are left to the frame pointer. */
    @Test
    void codeBetweenCallFramesIsPaddingOrFollowedByFramePointers() throws IOException {
        Path library =
                assemble(
                        """
                        .text
                        one: .cfi_startproc
                          .cfi_def_cfa_offset 48
                          .fill 5, 1, 0x90
                        .cfi_endproc
                        pad: .fill 15, 1, 0x90
                        two: .cfi_startproc
                          .cfi_def_cfa_offset 64
                          nop
                        .cfi_endproc
                        gap: .fill 16, 1, 0x90
                        three: .cfi_startproc
                          nop
                        .cfi_endproc
                        """,
                        "");
        UnwindTable table = UnwindTables.compile(directory, library).table();
        Symbols symbols = symbols(library);
        UnwindRule one = new UnwindRule(Kind.CFA_SP, 0, Saved.SAME, 0, 48, 0, 0);
        for (int i = 0; i < 20; i++) {
            assertThat(table.find(symbols.at("one") + i)).isEqualTo(one);
        }
        assertThat(table.find(symbols.at("two")).offset()).isEqualTo(64);
        for (int i = 0; i < 16; i++) {
            assertThat(table.find(symbols.at("gap") + i)).isEqualTo(UnwindRule.FRAME_POINTER);
        }
        assertThat(table.find(symbols.at("three")).offset()).isEqualTo(8);
    }

    @Test
    void damagedEntriesAreCountedAndTheOthersRead() throws IOException {
        Path program = compile("gcc -O2 -o p p.c");
        byte[] image = Files.readAllBytes(program);
        ElfFile elf = ElfFile.read(ByteSource.of(image));
        ElfFile.Section section = elf.section(".eh_frame").orElseThrow();
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) section.offset();
        // The first entry behind its common one: its first instruction becomes one that is not.
        int common = bytes.getInt(at) + 4;
        long start = section.address() + common + 8 + bytes.getInt(at + common + 8);
        bytes.put(at + common + 17, (byte) 0x3f);
        Path damaged = directory.resolve("damaged");
        Files.write(damaged, image);
        UnwindCompiler.Result whole = UnwindTables.compile(directory, program).result();
        var compiled = UnwindTables.compile(directory, damaged);
        assertThat(compiled.result().damaged()).isEqualTo(1);
        assertThat(compiled.result().ranges()).isEqualTo(whole.ranges());
        assertThat(compiled.table().find(start)).isEqualTo(UnwindRule.UNKNOWN);
        assertThat(compiled.table().identity())
                .isEqualTo(Identity.of(ElfFile.read(ByteSource.of(image))));
    }

    @Test
    void theVdsoHasRules() throws IOException {
        int pid = Math.toIntExact(ProcessHandle.current().pid());
        MemoryMapping mapping =
                ProcessMaps.read(pid).mappings().stream()
                        .filter(m -> m.path().equals("[vdso]"))
                        .findFirst()
                        .orElseThrow();
        byte[] image = new byte[(int) (mapping.end() - mapping.start())];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
            memory.seek(mapping.start());
            memory.readFully(image);
        }
        Path vdso = directory.resolve("vdso");
        Files.write(vdso, image);
        checkOracle(vdso, ".eh_frame", UnwindTables.compile(directory, vdso).table());
    }
}
