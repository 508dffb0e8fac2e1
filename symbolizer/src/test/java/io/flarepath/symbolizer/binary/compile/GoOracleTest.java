package io.flarepath.symbolizer.binary.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions, lines and inlined calls of Go programs, compared with Go's own tool and addr2line. */
@Tag("slow")
final class GoOracleTest {
    private static final int ADDRESSES = 1000;

    @TempDir Path directory;

    @BeforeEach
    void writeSource() throws IOException {
        Files.writeString(
                directory.resolve("p.go"),
                """
                package main

                import (
                	"encoding/json"
                	"fmt"
                	"sort"
                	"strings"
                )

                type pair struct {
                	A int
                	B string
                }

                func square(x int) int { return x * x }

                func main() {
                	pairs := []pair{}
                	for i := 0; i < 100; i++ {
                		pairs = append(pairs, pair{square(i), strings.Repeat("x", i)})
                	}
                	sort.Slice(pairs, func(i, j int) bool { return pairs[i].A > pairs[j].A })
                	b, _ := json.Marshal(pairs)
                	fmt.Println(string(b))
                }
                """);
    }

    private void run(String command) {
        Programs.run(directory, "sh", "-c", command);
    }

    private static boolean isGo(SymbolFile file, long address) {
        List<CodePlace> places = file.find(address);
        return !places.isEmpty() && places.getFirst().line() > 0;
    }

    /** Go's tool names the function into which all was inlined, and the line that runs. */
    private void checkWithGo(Path witness, SymbolFile file) throws IOException {
        long[] drawn = Compiled.addresses(file, ADDRESSES, a -> isGo(file, a));
        var result = GoAddr2line.compare(directory, "go", witness, file::find, drawn);
        assertThat(result.share()).as(result.toString()).isGreaterThanOrEqualTo(0.99);
    }

    @ParameterizedTest
    @CsvSource({
        "p, go build -o p p.go",
        "pie, go build -buildmode=pie -o pie p.go",
        "stripped, go build -o w p.go && strip -o stripped w",
        "plain, go build -ldflags=-s -o plain p.go",
    })
    void functionsAndLinesAreThoseOfGosTool(String name, String command) throws IOException {
        run(command);
        if (!name.equals("p") && !name.equals("pie")) {
            run("go build -o w p.go");
        }
        Path program = directory.resolve(name);
        Path witness = directory.resolve(name.equals("pie") ? "pie" : name.equals("p") ? "p" : "w");
        checkWithGo(witness, Compiled.file(directory, program));
    }

    @Test
    void aProgramWithoutSectionsIsReadAll() throws IOException {
        run("go build -o w p.go");
        byte[] image = Files.readAllBytes(directory.resolve("w"));
        Arrays.fill(image, 40, 48, (byte) 0);
        Arrays.fill(image, 58, 64, (byte) 0);
        Path bare = directory.resolve("bare");
        Files.write(bare, image);
        SymbolFile file = Compiled.file(directory, bare);
        SymbolFile whole = Compiled.file(directory, directory.resolve("w"));
        checkWithGo(directory.resolve("w"), file);
        for (long address : Compiled.addresses(whole, ADDRESSES, a -> isGo(whole, a))) {
            assertThat(file.find(address)).isEqualTo(whole.find(address));
        }
    }

    @Test
    void inlinedCallsAreThoseOfTheDebugInformation() throws IOException {
        run("GOEXPERIMENT=nodwarf5 go build -ldflags=-compressdwarf=false -o p p.go");
        Path program = directory.resolve("p");
        SymbolFile file = Compiled.file(directory, program);
        // Half of them where calls are inlined.
        long[] drawn =
                Stream.of(true, false)
                        .map(inlined ->
                                Compiled.addresses(
                                        file,
                                        ADDRESSES / 2,
                                        a -> isGo(file, a) && file.find(a).size() > 1 == inlined))
                        .flatMapToLong(Arrays::stream)
                        .toArray();
        var result = Addr2line.compare(directory, program, program, file::find, drawn);
        assertThat(result.inlinedShare()).isGreaterThan(0.3);
        assertThat(result.share()).as(result.toString()).isGreaterThanOrEqualTo(0.99);
    }
}
