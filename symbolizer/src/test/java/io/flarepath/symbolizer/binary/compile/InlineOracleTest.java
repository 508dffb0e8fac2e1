package io.flarepath.symbolizer.binary.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inlined calls, files and lines of whole programs, compared with what addr2line -i prints. */
@Tag("slow")
final class InlineOracleTest {
    private static final int ADDRESSES = 1000;

    private static final String CPP =
            """
            #include <algorithm>
            #include <cstdio>
            #include <map>
            #include <string>
            #include <vector>
            template <class T> static inline T square(T x) { return x * x; }
            namespace shape { struct Point { double x, y; double length() const { return square(x) + square(y); } }; }
            static inline int collatz(int n) { int s = 0; while (n != 1) { n = n % 2 ? 3 * n + 1 : n / 2; s++; } return s; }
            int main(int argc, char** argv) {
              std::vector<shape::Point> points; std::map<std::string, int> counts;
              for (int i = 0; i < argc * 100; i++) { points.push_back({double(i), i * 2.0}); counts[std::to_string(i)] += collatz(i + 1); }
              std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.length() < b.length(); });
              double sum = 0;
              for (auto& p : points) sum += p.length();
              for (auto& e : counts) sum += e.second;
              printf("%f\\n", sum);
            }
            """;

    private static final String RUST =
            """
            use std::collections::HashMap;
            fn square(x: u64) -> u64 { x.wrapping_mul(x) }
            fn mix(v: &[u64]) -> u64 { v.iter().map(|x| square(*x)).filter(|x| x % 3 != 0).sum() }
            fn main() {
                let mut m: HashMap<String, u64> = HashMap::new();
                let v: Vec<u64> = (0..1000).collect();
                for i in 0..100 { *m.entry(format!("k{}", i % 7)).or_insert(0) += mix(&v[i..]); }
                let mut all: Vec<_> = m.into_iter().collect();
                all.sort_by(|a, b| b.1.cmp(&a.1));
                println!("{:?}", all);
            }
            """;

    @TempDir Path directory;

    @BeforeEach
    void writeSources() throws IOException {
        Files.writeString(directory.resolve("p.cc"), CPP);
        Files.writeString(directory.resolve("p.rs"), RUST);
    }

    private static boolean isKnown(SymbolFile file, long address) {
        List<CodePlace> places = file.find(address);
        return !places.isEmpty() && places.getFirst().line() > 0;
    }

    /** Draws addresses of which lines are known, and compares. */
    private void check(Path program, Path lines, SymbolFile file) throws IOException {
        long[] drawn = Compiled.addresses(file, ADDRESSES, a -> isKnown(file, a));
        var result = Addr2line.compare(directory, program, lines, file::find, drawn);
        assertThat(result.inlinedShare()).as("share with inlined calls").isGreaterThan(0.3);
        assertThat(result.share()).as(result.toString()).isGreaterThanOrEqualTo(0.99);
    }

    private Path compile(String command) {
        Programs.run(directory, "sh", "-c", command);
        return directory.resolve("p");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "g++ -O2 -g -gdwarf-4 -o p p.cc",
                "g++ -O2 -g -gdwarf-5 -o p p.cc",
                "g++ -O3 -g -gdwarf-4 -gz=zlib -static -o p p.cc",
                "g++ -O2 -g -gdwarf-5 -ffunction-sections -Wl,--gc-sections -no-pie -o p p.cc",
                "clang++ -O2 -g -gdwarf-4 -o p p.cc",
                "rustc -O -g -o p p.rs",
                "rustc -O -C debuginfo=1 -o p p.rs",
            })
    void programsOfAllCompilersAgree(String command) throws IOException {
        System.out.println(command);
        Path program = compile(command);
        check(program, program, Compiled.file(directory, program));
    }

    /**
     * What addr2line cannot read (split files; indexed lists of ranges, in binutils 2.40) is
     * compared with what it says of the same code, compiled with debug information that it can.
     */
    @ParameterizedTest
    @CsvSource({
        "g++ -gdwarf-5 -gsplit-dwarf, g++ -gdwarf-4",
        "g++ -gdwarf-4 -gsplit-dwarf, g++ -gdwarf-4",
        "clang++ -gdwarf-5, clang++ -gdwarf-4",
        "clang++ -gdwarf-5 -gsplit-dwarf, clang++ -gdwarf-4",
        "clang++ -gdwarf-4 -gsplit-dwarf, clang++ -gdwarf-4",
    })
    void formsThatAddr2lineCannotReadAgreeWithTheSameCodeInFormsThatItCan(
            String options, String witnessOptions) throws IOException {
        System.out.println(options);
        Path witness = compile(witnessOptions + " -O2 -g -o w p.cc").resolveSibling("w");
        Path program = compile(options + " -O2 -g -o p p.cc");
        compile("for i in p w; do objcopy -O binary --only-section=.text $i $i.text; done");
        compile("cmp p.text w.text");
        check(witness, witness, Compiled.file(directory, program));
    }

    @Test
    void aSeparateDebugFileIsFoundByItsLink() throws IOException {
        Path whole = compile("g++ -O2 -g -gdwarf-4 -o p p.cc");
        compile("cp p whole && objcopy --only-keep-debug p p.debug && strip p");
        compile("objcopy --add-gnu-debuglink=p.debug p");
        SymbolFile file = Compiled.file(directory, whole);
        check(directory.resolve("whole"), whole, file);
        // Another build of the same name has another checksum.
        compile("g++ -O1 -g -o q p.cc && objcopy --only-keep-debug q p.debug");
        assertThat(Compiled.file(directory, whole).hasLines()).isFalse();
    }

    @Test
    void aSeparateDebugFileIsFoundByItsBuildIdInTheTargetsRoot() throws IOException {
        Path whole = compile("g++ -O2 -g -gdwarf-4 -Wl,--build-id=0xabcdef01 -o p p.cc");
        compile("cp p whole && objcopy --only-keep-debug p p.debug && strip p");
        compile(
                "mkdir -p root/usr/lib/debug/.build-id/ab && cd root/usr/lib/debug/.build-id/ab"
                        + " && mv ../../../../../../p.debug cdef01.debug");
        SymbolFile file = Compiled.file(directory, whole, directory.resolve("root"));
        check(directory.resolve("whole"), directory.resolve("whole"), file);
        compile("g++ -O1 -g -Wl,--build-id=0xabcdef02 -o q p.cc");
        compile("objcopy --only-keep-debug q root/usr/lib/debug/.build-id/ab/cdef01.debug");
        assertThat(Compiled.file(directory, whole, directory.resolve("root")).hasLines()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"4", "5"})
    void aPackageOfSplitFilesIsRead(String version) throws IOException {
        Path witness = compile("g++ -gdwarf-4 -O2 -g -o w p.cc").resolveSibling("w");
        Path program = compile("g++ -O2 -g -gdwarf-" + version + " -gsplit-dwarf -o p p.cc");
        String pack = version.equals("4") ? "dwp -e p" : "llvm-dwp -e p -o p.dwp";
        compile("! command -v " + pack.split(" ", -1)[0] + " || { " + pack + " && rm *.dwo; }");
        if (!Files.exists(directory.resolve("p.dwp"))) {
            System.out.println(pack + ": the tool is not installed: left out");
            return;
        }
        check(witness, witness, Compiled.file(directory, program));
    }

    @Test
    void librariesOfTheSystemAgree() throws IOException {
        Path library = Path.of("/usr/lib/x86_64-linux-gnu/libc.so.6");
        SymbolFile file = Compiled.file(directory, library);
        if (!file.hasLines()) {
            System.out.println("libc6-dbg is not installed: left out");
            return;
        }
        long[] drawn = Compiled.addresses(file, ADDRESSES, a -> isKnown(file, a));
        var result = Addr2line.compare(directory, library, library, file::find, drawn);
        assertThat(result.equal()).as(result.toString()).isGreaterThan(ADDRESSES / 2);
    }
}
