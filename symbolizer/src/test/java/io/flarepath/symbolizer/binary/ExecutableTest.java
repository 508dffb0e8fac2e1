package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs made at test time; nm and readelf are the judges. */
final class ExecutableTest {
    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-pie", "-no-pie", "-static", "-static-pie", "-shared -fPIC"})
    void everyFunctionOfNmResolvesToItself(String options) throws IOException {
        Path program = Programs.c(directory, "program", options.split(" ", -1));
        assertThat(NmOracle.check(directory, program)).isGreaterThan(3);
    }

    @Test
    @Tag("slow")
    void everyFunctionOfCppRustAndGoProgramsResolvesToItself() throws IOException {
        Files.writeString(
                directory.resolve("p.cc"),
                """
                #include <functional>
                #include <map>
                #include <string>
                #include <iostream>
                int main(int argc, char** argv) {
                  std::map<std::string, std::function<int(int)>> m;
                  m["a"] = [argc](int x) { return x + argc; };
                  std::cout << m["a"](3) << std::endl;
                }
                """);
        Programs.run(directory, "g++", "-O1", "-static", "-o", "cpp", "p.cc");
        assertThat(NmOracle.check(directory, directory.resolve("cpp"))).isGreaterThan(3000);

        Files.writeString(directory.resolve("p.rs"), "fn main() { println!(\"hello\"); }\n");
        Programs.run(directory, "rustc", "-O", "-o", "rust", "p.rs");
        assertThat(NmOracle.check(directory, directory.resolve("rust"))).isGreaterThan(200);
        assertThat(Executable.open(directory.resolve("rust")).kind()).isEqualTo(FrameKind.RUST);

        Files.writeString(
                directory.resolve("p.go"),
                "package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n");
        Programs.run(directory, "go", "build", "-o", "gop", "p.go");
        assertThat(NmOracle.check(directory, directory.resolve("gop"))).isGreaterThan(1000);
        assertThat(Executable.open(directory.resolve("gop")).kind()).isEqualTo(FrameKind.GO);
        Programs.run(directory, "strip", "gop");
        assertThat(Executable.open(directory.resolve("gop")).kind()).isEqualTo(FrameKind.GO);
    }

    @Test
    void aStrippedProgramIsNamedByWhatAddr2lineTakes() throws IOException {
        Path program = Programs.c(directory, "stripped", "-pie");
        long main = address(program, " main");
        Programs.run(directory, "strip", program.toString());
        Executable executable = Executable.open(program);
        Frame frame = executable.frame(main);
        assertThat(frame.function()).isEqualTo("stripped+0x" + Long.toHexString(main));
        assertThat(frame.address()).isEqualTo(main);
        assertThat(frame.mapping()).isEqualTo("stripped");
        assertThat(frame.kind()).isEqualTo(FrameKind.NATIVE);
    }

    @Test
    void aSymbolTableTooLongForTheHeapIsPassedOverForTheShorterOne() throws IOException {
        StringBuilder code = new StringBuilder(".text\n.globl shown\n.type shown,@function\n");
        code.append("shown: ret\n.size shown,1\n");
        String name = "n".repeat(80);
        for (int i = 0; i < 90_000; i++) {
            code.append(
                    ".type %1$s%2$d,@function\n%1$s%2$d: ret\n.size %1$s%2$d,1\n"
                            .formatted(name, i));
        }
        Files.writeString(directory.resolve("long.s"), code);
        Programs.run(directory, "gcc", "-shared", "-nostdlib", "-o", "long.so", "long.s");
        assertThat(Files.size(directory.resolve("long.so")))
                .isGreaterThan(Executable.MAX_TABLE_BYTES);

        Executable executable = Executable.open(directory.resolve("long.so"));

        long shown = address(directory.resolve("long.so"), " shown");
        assertThat(executable.symbolCount()).isEqualTo(1);
        assertThat(executable.frame(shown).function()).isEqualTo("shown");
        assertThat(executable.frame(shown + 1).function())
                .isEqualTo("long.so+0x" + Long.toHexString(shown + 1));
    }

    @Test
    void theBuildIdIsThatOfReadelf() throws IOException {
        Path program = Programs.c(directory, "identified", "-Wl,--build-id=sha1");
        String notes = Programs.run(directory, "readelf", "-n", program.toString());
        String id = Executable.open(program).buildId();
        assertThat(id).hasSize(40);
        assertThat(notes).contains("Build ID: " + id);
    }

    @Test
    void withoutABuildIdTheContentTellsBuildsApart() throws IOException {
        Path one = Programs.c(directory, "one", "-Wl,--build-id=none");
        Path two = Programs.c(directory, "two", "-Wl,--build-id=none", "-O2");
        assertThat(Executable.open(one).buildId()).isEmpty();
        assertThat(Executable.open(one).identity())
                .isNotEqualTo(Executable.open(two).identity())
                .isEqualTo(Executable.open(one).identity());
    }

    @Test
    void offsetsOfSeveralCodeSegmentsConvertByTheirOwnProgramHeader() throws IOException {
        Path source = directory.resolve("segments.c");
        Files.writeString(
                source,
                """
                __attribute__((section(".far.text"),noinline)) int far_function(int x) { return x * 3; }
                int near_function(int x) { return far_function(x) + 1; }
                """);
        Programs.run(
                directory,
                "gcc",
                "-shared",
                "-fPIC",
                "-nostdlib",
                "-Wl,--section-start=.far.text=0x755000",
                "-o",
                "far.so",
                "segments.c");
        Path library = directory.resolve("far.so");
        Executable executable = Executable.open(library);
        for (String name : new String[] {"near_function", "far_function"}) {
            long address = address(library, " " + name);
            long offset = fileOffset(library, address);
            assertThat(executable.virtualAddress(offset)).hasValue(address);
            assertThat(executable.frame(address).function()).isEqualTo(name);
        }
        // Without section headers the dynamic segment still names what is exported.
        byte[] image = Files.readAllBytes(library);
        Arrays.fill(image, 40, 48, (byte) 0);
        Arrays.fill(image, 58, 64, (byte) 0);
        Executable bare = Executable.read(ByteSource.of(image), "bare.so");
        assertThat(bare.frame(address(library, " far_function")).function())
                .isEqualTo("far_function");
    }

    @Test
    void coldPartsAreMarkedAndOtherSuffixesDropped() {
        assertThat(SymbolNames.readable("_Z3foov.constprop.0.cold"))
                .isEqualTo("foo() [clone .cold]");
        assertThat(SymbolNames.readable("helper.isra.0.part.3")).isEqualTo("helper");
        assertThat(SymbolNames.readable("memcpy@@GLIBC_2.14")).isEqualTo("memcpy");
        assertThat(SymbolNames.readable("name.llvm.1234567890")).isEqualTo("name");
        assertThat(SymbolNames.readable("file.txt")).isEqualTo("file.txt");
    }

    @Test
    void whatIsNoElfFileIsRefusedByName() throws IOException {
        Path text = Files.writeString(directory.resolve("script"), "#!/bin/sh\n".repeat(20));
        assertThatThrownBy(() -> Executable.open(text))
                .isInstanceOf(MalformedBinaryException.class)
                .hasMessageContaining("7f 45 4c 46");
    }

    private long address(Path file, String suffix) {
        for (String line : Programs.run(directory, "nm", file.toString()).split("\n", -1)) {
            if (line.endsWith(suffix)) {
                return Long.parseUnsignedLong(line.substring(0, 16), 16);
            }
        }
        throw new AssertionError("nm does not list" + suffix);
    }

    private long fileOffset(Path file, long address) {
        String headers = Programs.run(directory, "readelf", "-lW", file.toString());
        for (String line : headers.split("\n", -1)) {
            String[] f = line.strip().split("\\s+", -1);
            if (f[0].equals("LOAD")) {
                long start = Long.decode(f[2]);
                if (address >= start && address < start + Long.decode(f[4])) {
                    return address - start + Long.decode(f[1]);
                }
            }
        }
        throw new AssertionError("no segment holds 0x" + Long.toHexString(address));
    }
}
