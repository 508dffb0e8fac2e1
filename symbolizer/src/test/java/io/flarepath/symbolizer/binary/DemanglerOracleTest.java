package io.flarepath.symbolizer.binary;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All mangled names of large libraries, compared with what c++filt prints. */
@Tag("slow")
final class DemanglerOracleTest {
    @TempDir Path directory;

    private void compare(String what, double floor, List<Path> files, String prefix)
            throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (Path file : files) {
            for (String option : new String[] {"-a", "-D"}) {
                String listing = Programs.run(directory, "nm", option, file.toString());
                for (String line : listing.split("\n", -1)) {
                    String name = line.substring(line.lastIndexOf(' ') + 1).replaceAll("@.*", "");
                    if (name.startsWith(prefix)) {
                        names.add(name);
                    }
                }
            }
        }
        Path input = directory.resolve("names");
        Files.write(input, names);
        String command = "c++filt < " + input;
        String[] expected = Programs.run(directory, "sh", "-c", command).split("\n", -1);
        int equal = 0;
        int shown = 0;
        int index = 0;
        for (String name : names) {
            String oracle = ReadableNames.expected(name, expected[index++]);
            String ours = Demangler.demangle(name);
            if (ours.equals(oracle)) {
                equal++;
            } else if (shown++ < 5) {
                System.out.println(name + "\n  theirs " + oracle + "\n  ours   " + ours);
            }
        }
        System.out.printf(
                "%s: %d of %d names as c++filt prints them (%.3f %%)%n",
                what, equal, names.size(), 100.0 * equal / names.size());
        assertThat(names).as(what + ": names to compare").hasSizeGreaterThan(100);
        assertThat((double) equal / names.size()).as(what).isGreaterThanOrEqualTo(floor);
    }

    private static List<Path> existing(String directory, String glob) throws IOException {
        if (!Files.isDirectory(Path.of(directory))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(Path.of(directory), 8)) {
            var matcher = Path.of("/").getFileSystem().getPathMatcher("glob:**/" + glob);
            return files.filter(matcher::matches).filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void cppNamesOfLargeLibrariesReadAsCxxfiltPrintsThem() throws IOException {
        String libraries = "/usr/lib/x86_64-linux-gnu";
        compare("libstdc++", 0.99, existing(libraries, "libstdc++.so.6.*"), "_Z");
        List<Path> llvm = existing(libraries, "libLLVM-1?.so.1");
        if (llvm.isEmpty()) {
            System.out.println("libLLVM is not installed: left out");
        } else {
            compare("libLLVM", 0.99, llvm, "_Z");
        }
        String jdk = System.getProperty("java.home");
        compare("libjvm", 0.99, existing(jdk + "/lib/server", "libjvm.so"), "_Z");
    }

    @Test
    void rustNamesOfBothSchemesReadAsCxxfiltPrintsThem() throws IOException {
        Files.writeString(
                directory.resolve("p.rs"),
                """
                use std::collections::HashMap;
                use std::fmt::Debug;
                struct Grid<const N: usize>([u8; N]);
                impl<const N: usize> Grid<N> { #[inline(never)] fn area(&self) -> usize { self.0.len() } }
                trait Shape { fn name(&self) -> String; }
                impl<T: Debug> Shape for Vec<T> { #[inline(never)] fn name(&self) -> String { format!("{:?}", self) } }
                #[inline(never)] fn apply<F: Fn(i32) -> i32>(f: F) -> i32 { f(4) }
                fn main() {
                    let mut m: HashMap<String, Box<dyn Fn(&str) -> usize + Send>> = HashMap::new();
                    m.insert("k".to_string(), Box::new(|s| s.len()));
                    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(vec![1u8]), Box::new(vec!['x'])];
                    println!("{} {} {}", m["k"]("abc"), Grid([0; 7]).area(), apply(|x| x + 1));
                    for s in &shapes { println!("{}", s.name()); }
                }
                """);
        Programs.run(directory, "rustc", "-C", "symbol-mangling-version=v0", "-o", "v0", "p.rs");
        compare("Rust v0", 0.99, List.of(directory.resolve("v0")), "_R");
        // Newer compilers make v0 the default and take the old scheme on request only.
        Programs.run(
                directory,
                "env",
                "RUSTC_BOOTSTRAP=1",
                "rustc",
                "-Zunstable-options",
                "-C",
                "symbol-mangling-version=legacy",
                "-o",
                "legacy",
                "p.rs");
        compare("Rust legacy", 0.99, List.of(directory.resolve("legacy")), "_ZN");
    }
}
