package io.flarepath.symbolizer.binary.pclntab;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler;
import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules of Go programs, byte by byte, against the call frame information that Go's linker writes
 * from the same facts by another way, and against a run over the disassembled code.
 */
final class GoRulesTest {
    private static final String SMALL =
            """
            package main

            func main() { println("small") }
            """;
    private static final String LARGE =
            """
            package main

            import (
            	"crypto/sha256"
            	"crypto/tls"
            	"encoding/json"
            	"fmt"
            	"math/big"
            	"net/http"
            	"regexp"
            	"time"
            )

            func main() {
            	b, _ := json.Marshal(map[string]int{"a": 1})
            	fmt.Println(string(b), sha256.Sum256(b), time.Now(), tls.VersionTLS12)
            	fmt.Println(new(big.Int).Exp(big.NewInt(3), big.NewInt(99), nil))
            	fmt.Println(regexp.MustCompile("a+").FindString("baa"), http.Get)
            }
            """;
    private static final String MIDDLE =
            """
            package main

            import (
            	"encoding/json"
            	"fmt"
            	"regexp"
            )

            func main() {
            	b, _ := json.Marshal(map[string]int{"a": 1})
            	fmt.Println(string(b), regexp.MustCompile("a+").FindString("baa"))
            }
            """;
    private static final String CALLS_C =
            """
            package main

            /*
            extern void goBack(int);
            static void work(int n) { goBack(n); }
            */
            import "C"
            import "fmt"

            //export goBack
            func goBack(n C.int) { fmt.Println(n) }

            func main() { C.work(3) }
            """;

    private static final Pattern FUNCTION =
            Pattern.compile("FDE .* pc=([0-9a-f]+)\\.\\.([0-9a-f]+)");
    private static final Pattern ROW = Pattern.compile("^([0-9a-f]{16}) rsp\\+(\\d+) +c-8 *$");

    @TempDir Path directory;

    /** A program, its rules, and where its functions are. */
    private record Read(Path path, PaintedRules rules, GoRules.Result result, long[] code) {}

    private Path source(String text) throws IOException {
        Path path = directory.resolve("p.go");
        Files.writeString(path, text);
        return path;
    }

    private static Read read(Path path) throws IOException {
        ElfFile elf = ElfFile.read(ByteSource.of(Files.readAllBytes(path)));
        long start = Long.MAX_VALUE;
        long end = 0;
        for (ElfFile.Segment s : elf.segments()) {
            if (s.type() == ElfFile.PT_LOAD && s.executable()) {
                start = Math.min(start, s.address());
                end = Math.max(end, s.address() + s.bytes());
            }
        }
        PaintedRules rules = new PaintedRules(start, end);
        GoRules.Result result = GoRules.read(elf, rules);
        return new Read(path, rules, result, new long[] {start, end});
    }

    private NavigableMap<Long, String> names(Path program) {
        NavigableMap<Long, String> names = new TreeMap<>();
        for (String line : Programs.run(directory, "nm", program.toString()).split("\n", -1)) {
            String[] words = line.split(" ", 3);
            if (words.length == 3 && !words[0].isBlank() && "tT".contains(words[1])) {
                names.put(Long.parseLong(words[0], 16), words[2].replace(".abi0", ""));
            }
        }
        return names;
    }

    /** What was compared, and where we differ from the linker's call frame information. */
    private record Comparison(long functions, long bytes, Set<String> different) {}

    private Comparison compareWithLinker(Read read) {
        NavigableMap<Long, String> names = names(read.path);
        Set<String> different = new TreeSet<>();
        long[] counts = new long[2];
        long end = 0;
        long at = 0;
        int frame = 0;
        String frames =
                Programs.run(directory, "readelf", "--debug-dump=frames-interp", read.path + "");

        String[] lines =
                frames.substring(Math.max(0, frames.indexOf("debug_frame section")))
                        .split("\n", -1);
        for (String line : lines) {
            Matcher function = FUNCTION.matcher(line);
            if (function.find()) {
                compare(read, names, at, end, frame, counts, different);
                counts[0]++;
                frame = 0;
                at = Long.parseLong(function.group(1), 16);
                end = Long.parseLong(function.group(2), 16);
                continue;
            }
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                long next = Long.parseLong(row.group(1), 16);
                compare(read, names, at, next, frame, counts, different);
                at = next;
                frame = Integer.parseInt(row.group(2));
            }
        }
        compare(read, names, at, end, frame, counts, different);
        return new Comparison(counts[0], counts[1], different);
    }

    private static void compare(
            Read read,
            NavigableMap<Long, String> names,
            long from,
            long to,
            int frame,
            long[] counts,
            Set<String> different) {
        for (long a = from; a < to && frame > 0; a++) {
            counts[1]++;
            UnwindRule rule = read.rules.at(a);
            if (rule != null && rule.kind() == Kind.CFA_SP && rule.offset() == frame) {
                continue;
            }
            String name = names.floorEntry(a).getValue();
            String what = rule == null ? "nothing" : rule.kind().toString();
            if (rule != null && rule.kind() == Kind.CFA_SP) {
                what += " " + rule.offset() + " for " + frame + " at " + Long.toHexString(a);
            }
            different.add(name + " " + what);
        }
    }

    /** Where rbp is, or the frame size, is not as the code has it. */
    private Set<String> compareWithCode(Read read, long[] counts) throws IOException {
        Set<String> different = new TreeSet<>();
        Path text = directory.resolve("code.txt");
        Programs.run(directory, "sh", "-c", "objdump -dw '" + read.path + "' > '" + text + "'");
        List<String> lines = new ArrayList<>();
        String name = "";
        try (Stream<String> all = Files.lines(text)) {
            for (String line : (Iterable<String>) all::iterator) {
                if (line.endsWith(">:")) {
                    compareFunction(read, name, lines, counts, different);
                    name = line.substring(line.indexOf('<') + 1, line.length() - 2);
                    name = name.replace(".abi0", "");
                    lines.clear();
                } else {
                    lines.add(line);
                }
            }
        }
        compareFunction(read, name, lines, counts, different);
        return different;
    }

    private static void compareFunction(
            Read read, String name, List<String> lines, long[] counts, Set<String> different) {
        Map<Long, FrameSimulation.State> states = FrameSimulation.run(lines);
        for (Map.Entry<Long, FrameSimulation.State> entry : states.entrySet()) {
            UnwindRule rule = read.rules.at(entry.getKey());
            FrameSimulation.State s = entry.getValue();
            if (rule == null || !isComparable(rule, s)) {
                continue;
            }
            counts[0]++;
            counts[1] += rule.saved() == Saved.AT_CFA ? 1 : 0;
            boolean right =
                    switch (rule.saved()) {
                        case SAME -> s.inRegister();
                        case AT_CFA -> s.isSaved() && rule.savedOffset() == -8 - s.slot();
                        case UNDEFINED -> true;
                        case AT_FP -> false;
                    };
            if (!right) {
                different.add(name + " " + rule.saved());
            }
            boolean sized =
                    rule.kind() == Kind.CFA_FP
                            ? s.framed() && s.slot() == 8 && rule.offset() == 16
                            : rule.offset() == s.step() + 8;
            if (!sized) {
                different.add(name + " size");
            }
        }
    }

    private static boolean isComparable(UnwindRule rule, FrameSimulation.State state) {
        return rule.kind() == Kind.CFA_FP
                || (rule.kind() == Kind.CFA_SP && state.step() != FrameSimulation.UNKNOWN);
    }

    /**
     * Where a rule is not what the table of steps says, for a reason that GoStackSwitches tells.
     */
    private static Set<String> expected(String version, boolean cgo) {
        Set<String> names =
                new TreeSet<>(
                        List.of(
                                "runtime.asmcgocall CFA_REGISTER",
                                "runtime.asmcgocall CFA_SP_DEREF",
                                "runtime.asmcgocall GO_ASMCGOCALL",
                                "runtime.callCgoMmap CFA_FP",
                                "runtime.callCgoMunmap CFA_FP",
                                "runtime.callCgoSigaction CFA_FP",
                                "runtime.clone STOP",
                                "runtime.goexit STOP",
                                "runtime.morestack GO_CURG",
                                "runtime.nanotime1 CFA_FP",
                                "runtime.rt0_go STOP",
                                "runtime.sigfwd CFA_FP",
                                "runtime.systemstack GO_CURG"));
        int minor = Integer.parseInt(version.split("\\.", -1)[1]);
        names.add(cgo ? "runtime.mcall STOP" : "runtime.mcall GO_G0");
        if (!cgo) { // else C starts the program
            names.add("_rt0_amd64 STOP");
            names.add("_rt0_amd64_linux STOP");
        }
        names.add(minor == 16 ? "runtime.gogo FRAME_POINTER" : "gogo FRAME_POINTER");
        names.add(minor == 16 ? "runtime.walltime1 CFA_FP" : "time.now CFA_FP");
        names.add(minor < 21 ? "runtime.sigreturn SIGNAL" : "runtime.sigreturn__sigaction SIGNAL");
        if (minor >= 21) {
            names.add("runtime.systemstack CFA_FP");
        }
        if (minor >= 24) {
            names.add("runtime.switchToCrashStack0 CFA_FP");
            names.add("runtime.vgetrandom1 CFA_FP");
        }
        return names;
    }

    private void check(Path program, String version, boolean cgo) throws IOException {
        Read read = read(program);
        Comparison comparison = compareWithLinker(read);
        long[] counts = new long[2];
        Set<String> code = compareWithCode(read, counts);
        System.out.printf(
                "%s %s: %s, %d bytes compared, %d ranges, %d rules; %d instructions, %d saved%n",
                version,
                program.getFileName(),
                read.result,
                comparison.bytes,
                read.rules.calls(),
                read.rules.rules(),
                counts[0],
                counts[1]);
        assertThat(read.result.damaged()).isZero();
        assertThat(read.result.functions()).isBetween(500, (int) comparison.functions);
        assertThat(comparison.bytes).isGreaterThan(100_000);
        assertThat(counts[1]).isGreaterThan(10_000);
        assertThat(comparison.different).isEqualTo(expected(version, cgo));
        assertThat(code).isEmpty();
        callsOfC(read, version);
        if (cgo) {
            startsOfThreads(read);
        }
    }

    private static Set<UnwindRule> rules(Read read, Kind kind) {
        Set<UnwindRule> found = new HashSet<>();
        for (long at = read.code[0]; at < read.code[1]; at++) {
            UnwindRule rule = read.rules.at(at);
            if (rule != null && rule.kind() == kind) {
                found.add(rule);
            }
        }
        return found;
    }

    /** Numbers of asmcgocall in runtime/asm_amd64.s. */
    private static void callsOfC(Read read, String version) {
        int minor = Integer.parseInt(version.split("\\.", -1)[1]);
        int depth = minor < 24 ? 40 : 0;
        boolean framed = minor >= 21;
        assertThat(rules(read, Kind.GO_ASMCGOCALL))
                .containsExactly(
                        new UnwindRule(
                                Kind.GO_ASMCGOCALL,
                                0,
                                framed ? Saved.AT_CFA : Saved.SAME,
                                0,
                                depth,
                                framed ? -16 : 0,
                                framed ? 16 : 8));
        assertThat(rules(read, Kind.CFA_SP_DEREF))
                .containsExactly(
                        new UnwindRule(
                                Kind.CFA_SP_DEREF,
                                0,
                                framed ? Saved.AT_CFA : Saved.SAME,
                                0,
                                depth,
                                framed ? -16 : 0,
                                framed ? 16 : 8));
    }

    /** C code without call frame information that has rules all the same; its code was compared. */
    private void startsOfThreads(Read read) {
        NavigableMap<Long, String> names = names(read.path);
        int bytes = 0;
        for (long at = read.code[0]; at < read.code[1]; at++) {
            Map.Entry<Long, String> name = names.floorEntry(at);
            boolean starts = name != null && name.getValue().matches("crosscall(1|_amd64)");
            bytes += starts && read.rules.at(at) != null ? 1 : 0;
        }
        assertThat(bytes).isBetween(23, 40);
    }

    @Test
    void aSmallProgramHasTheFramesOfItsLinker() throws IOException {
        String version = Programs.run(directory, "env", "GOTOOLCHAIN=local", "go", "version");
        check(small(), version.split(" ", -1)[2].substring(2), false);
    }

    private Path small() throws IOException {
        Path program = directory.resolve("small");
        Programs.run(
                directory,
                "env",
                "GOTOOLCHAIN=local",
                "GO111MODULE=off",
                "CGO_ENABLED=0",
                "go",
                "build",
                "-ldflags=-compressdwarf=false",
                "-o",
                program.toString(),
                source(SMALL).toString());
        return program;
    }

    static Stream<Arguments> versions() {
        return GoToolchains.VERSIONS.stream().map(Arguments::of);
    }

    private Path build(String version, String name, String text, String... options)
            throws IOException {
        return GoToolchains.build(directory, version, name, source(text), options);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("versions")
    void programsHaveTheFramesOfTheirLinker(String version) throws IOException {
        // The compilers between the oldest and the newest get less to compile.
        boolean ends =
                version.equals(GoToolchains.VERSIONS.getFirst())
                        || version.equals(GoToolchains.VERSIONS.getLast());
        String text = ends ? LARGE : MIDDLE;
        Path program = build(version, "plain", text, "-ldflags=-compressdwarf=false");
        check(program, version, false);
        program = build(version, "cgo", CALLS_C, "-ldflags=-compressdwarf=false");
        check(program, version, true);
        // Small: a large one would have the whole library compiled once more.
        program = build(version, "pie", SMALL, "-buildmode=pie", "-ldflags=-compressdwarf=false");
        check(program, version, false);
    }

    /** The offset of a field of the runtime, as the debug information has it. */
    private static int field(String info, String type, String name) {
        Matcher field =
                Pattern.compile(
                                "DW_TAG_structure_type\\)\\n.*: runtime\\."
                                        + type
                                        + "\\n(?s:.*?): "
                                        + name
                                        + "\\n.*_location: (\\d+)")
                        .matcher(info);
        assertThat(field.find()).isTrue();
        return Integer.parseInt(field.group(1));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("versions")
    void fieldsAreThoseOfTheDebugInformation(String version) throws IOException {
        Path program = build(version, "fields", SMALL, "-ldflags=-compressdwarf=false");
        Path text = directory.resolve("info.txt");
        String shown = "readelf --debug-dump=info '" + program + "' | sed 's/ *$//' > " + text;
        Programs.run(directory, "sh", "-c", shown);
        String info = Files.readString(text);
        int sched = field(info, "g", "sched");
        UnwindRule expected =
                new UnwindRule(
                        Kind.GO_CURG,
                        field(info, "g", "m") / 8,
                        Saved.SAME,
                        0,
                        sched,
                        sched + field(info, "gobuf", "bp"),
                        field(info, "m", "curg"));
        assertThat(field(info, "m", "g0")).isZero();
        assertThat(field(info, "gobuf", "sp")).isZero();
        assertThat(field(info, "gobuf", "pc")).isEqualTo(8);
        Read read = read(program);
        assertThat(rules(read, Kind.GO_CURG)).containsExactly(expected);
        assertThat(rules(read, Kind.GO_G0))
                .containsExactly(
                        new UnwindRule(
                                Kind.GO_G0,
                                expected.register(),
                                Saved.SAME,
                                0,
                                sched,
                                expected.savedOffset(),
                                0));
    }

    /** What a program loses by being stripped is not what rules are made of. */
    @Tag("slow")
    @ParameterizedTest
    @MethodSource("versions")
    void strippedProgramsHaveTheSameRules(String version) throws IOException {
        for (String mode : List.of("exe", "pie")) {
            Path whole = build(version, "whole", SMALL, "-buildmode=" + mode);
            Path plain = build(version, "plain", SMALL, "-buildmode=" + mode, "-ldflags=-s -w");
            byte[] image = Files.readAllBytes(plain);
            Arrays.fill(image, 40, 48, (byte) 0);
            Arrays.fill(image, 58, 64, (byte) 0);
            Path bare = directory.resolve("bare");
            Files.write(bare, image);
            Read rules = read(whole);
            assertThat(rules.result.functions()).isGreaterThan(500);
            assertThat(differences(rules, read(plain))).isZero();
            assertThat(differences(rules, read(bare))).isZero();
        }
    }

    private static long differences(Read one, Read other) {
        assertThat(other.result).isEqualTo(one.result);
        assertThat(other.code).isEqualTo(one.code);
        long different = 0;
        for (long at = one.code[0]; at < one.code[1]; at++) {
            different += Objects.equals(one.rules.at(at), other.rules.at(at)) ? 0 : 1;
        }
        return different;
    }

    /** Code of another shape than any that is known must not get a rule that it does not fit. */
    @Test
    void whatIsNotRecognisedIsLeftToTheFramePointer() throws IOException {
        Path program = small();
        long start = 0;
        for (Map.Entry<Long, String> name : names(program).entrySet()) {
            start = name.getValue().equals("runtime.systemstack") ? name.getKey() : start;
        }
        byte[] image = Files.readAllBytes(program);
        ElfFile elf = ElfFile.read(ByteSource.of(image));
        int at = (int) elf.fileOffset(start).orElseThrow();
        int call = at;
        while (image[call] != (byte) 0xff || image[call + 1] != (byte) 0xd7) { // CALL DI
            call++;
        }
        assertThat(call - at).isLessThan(256);
        assertThat(read(program).rules.at(start + call - at))
                .extracting(UnwindRule::kind)
                .isEqualTo(Kind.GO_CURG);
        image[call + 1] = (byte) 0xd6; // CALL SI
        Path changed = directory.resolve("changed");
        Files.write(changed, image);
        Read read = read(changed);
        assertThat(rules(read, Kind.GO_CURG)).isEmpty();
        assertThat(rules(read, Kind.GO_G0)).isEmpty();
        assertThat(read.rules.at(start + call - at))
                .extracting(UnwindRule::kind)
                .isEqualTo(Kind.CFA_FP);
    }

    @Test
    void tablesOfGoProgramsHoldTheirRules() throws IOException {
        Path program = small();
        Read read = read(program);
        Path target = directory.resolve("table");
        DebugFiles files = new DebugFiles(List.of(directory), program.toString());
        byte[] image = Files.readAllBytes(program);
        UnwindCompiler.Result result =
                new UnwindCompiler(files, directory).compile(ByteSource.of(image), target);
        assertThat(result.sources()).contains(UnwindCompiler.Source.GO_TABLE);
        assertThat(result.damaged()).isZero();
        UnwindTable table = UnwindTable.open(target);
        int compared = 0;
        for (long at = read.code[0]; at < read.code[1]; at++) {
            UnwindRule rule = read.rules.at(at);
            if (rule != null) {
                assertThat(table.find(at)).isEqualTo(rule);
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(100_000);
    }

    @Test
    void whatIsNoGoProgramHasNoRules() throws IOException {
        Path program = Programs.c(directory, "c");
        Read read = read(program);
        assertThat(read.result).isEqualTo(new GoRules.Result(0, 0, 0));
        assertThat(read.rules.calls()).isZero();
    }
}
