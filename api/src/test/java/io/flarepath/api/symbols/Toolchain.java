package io.flarepath.api.symbols;

import io.flarepath.symbolizer.binary.SymbolNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A C++ program with inlined calls, what strips it, and what binutils say of its addresses. */
final class Toolchain {
    private static final String SOURCE =
            """
            #include <cstdio>
            #include <vector>
            namespace shop {
            inline int twice(int x) { return x * 2 + 1; }
            inline int price(int x) { return twice(x) ^ twice(x + 3); }
            __attribute__((noinline)) int sum(const std::vector<int> &v) {
              int s = 0;
              for (int x : v) s += price(x);
              return s;
            }
            __attribute__((noinline)) int spread(int *p, int n) {
              int s = 0;
              for (int i = 0; i < n; i++) s ^= price(p[i]) / (twice(i) | 1);
              return s;
            }
            }
            int main(int argc, char **argv) {
              std::vector<int> v(1000, argc);
              std::printf("%d %d\\n", shop::sum(v), shop::spread(v.data(), argc));
            }
            """;
    private static final Pattern INSTRUCTION = Pattern.compile("^ +([0-9a-f]+):\\t(.*)");

    private static final String FILLING = ".*nop.*|xchg +%ax,%ax.*";

    private Toolchain() {}

    /** One step of a stack, the innermost call first in a list of them. */
    record Step(String function, String file) {}

    /** Standard output of a command, which must end with 0. */
    static String run(Path folder, String... command) {
        try {
            Path output = Files.createTempFile(folder, "out", ".txt");
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectOutput(output.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException(List.of(command) + " ended with " + code);
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compiles the program; an option may change what its functions do, and so its build. */
    static Path compile(Path folder, String name, String... options) throws IOException {
        Path source = folder.resolve("shop.cc");
        Files.writeString(source, SOURCE);
        List<String> command =
                new ArrayList<>(List.of("g++", "-O2", "-g", "-o", name, source.toString()));
        command.addAll(List.of(options));
        run(folder, command.toArray(String[]::new));
        return folder.resolve(name);
    }

    /** The separate debug file of a program. */
    static Path debugFile(Path program) {
        Path folder = program.resolveSibling(".");
        Path debug = folder.resolve(program.getFileName() + ".debug");
        run(folder, "objcopy", "--only-keep-debug", program.toString(), debug.toString());
        return debug;
    }

    /** What is shipped: the program without names. */
    static Path stripped(Path program) {
        Path folder = program.resolveSibling(".");
        Path stripped = folder.resolve(program.getFileName() + ".stripped");
        run(folder, "strip", "-s", "-o", stripped.toString(), program.toString());
        return stripped;
    }

    static String buildId(Path program) {
        Matcher id =
                Pattern.compile("Build ID: ([0-9a-f]+)")
                        .matcher(
                                run(
                                        program.resolveSibling("."),
                                        "readelf",
                                        "-nW",
                                        program.toString()));
        if (!id.find()) {
            throw new IllegalStateException(program + " has no build-id");
        }
        return id.group(1);
    }

    /** The addresses of all instructions of the functions of the program's own. */
    static List<Long> addresses(Path program) {
        List<Long> addresses = new ArrayList<>();
        for (String function : List.of("main", "shop::sum", "shop::spread")) {
            String listing =
                    run(
                            program.resolveSibling("."),
                            "sh",
                            "-c",
                            "objdump -dC --no-show-raw-insn "
                                    + program
                                    + " | sed -n '/<"
                                    + function
                                    + "[(>].*:$/,/^$/p'");
            for (String line : listing.split("\n", -1)) {
                Matcher instruction = INSTRUCTION.matcher(line);
                // What fills the space between functions belongs to none of them.
                if (instruction.matches() && !instruction.group(2).matches(FILLING)) {
                    addresses.add(Long.parseLong(instruction.group(1), 16));
                }
            }
        }
        return addresses;
    }

    /** What addr2line says of each address, the innermost call first. */
    static List<List<Step>> addr2line(Path program, List<Long> addresses) throws IOException {
        StringBuilder input = new StringBuilder();
        addresses.forEach(each -> input.append("0x").append(Long.toHexString(each)).append('\n'));
        Path list = program.resolveSibling("addresses");
        Files.writeString(list, input);
        String[] output =
                run(
                                program.resolveSibling("."),
                                "sh",
                                "-c",
                                "addr2line -a -f -i -e " + program + " < " + list)
                        .split("\n", -1);
        List<List<Step>> places = new ArrayList<>();
        for (int i = 0; i + 1 < output.length; ) {
            if (output[i].startsWith("0x")) {
                places.add(new ArrayList<>());
                i++;
            } else {
                // How a mangled name is shown has an oracle of its own, c++filt.
                String function = SymbolNames.shown(output[i]);
                String file = output[i + 1].replaceAll(":[0-9?]+( \\(discriminator \\d+\\))?$", "");
                places.getLast().add(new Step(function, file));
                i += 2;
            }
        }
        return places;
    }
}
