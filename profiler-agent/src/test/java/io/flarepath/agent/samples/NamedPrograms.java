package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Builds programs with broad work and debug information, from the test resources. */
final class NamedPrograms {
    private static final String CXX = "g++ -O2 -g -gdwarf-5";

    /** Which one has split DWARF; the next one is the same code without. */
    private static final int SPLIT = 1;

    private final Path sources;
    private final Path folder;

    /**
     * @param folder an empty folder to build in; its real path
     */
    NamedPrograms(Path folder) throws Exception {
        this.folder = folder;
        sources = KnownPrograms.sources("/programs/names/records.c");
    }

    /** What several compilers make of C, C++ and Rust, with DWARF 4 and 5; a library too. */
    List<NamedProgram> withDwarf() throws Exception {
        List<NamedProgram> programs =
                all(
                        List.of(
                                this::text,
                                () -> of("split", containers(CXX + " -gsplit-dwarf", "split")),
                                () -> of("c++", containers(CXX, "c++")),
                                () -> of("clang", containers("clang++ -O2 -g -gdwarf-4", "clang")),
                                this::rust,
                                () -> of("c", c("c", "gcc -O2 -g -gdwarf-4")),
                                this::library));
        programs.set(SPLIT, seenBy(programs.get(SPLIT), programs.get(SPLIT + 1)));
        return programs;
    }

    /**
     * Go by several toolchains.
     *
     * @param plain versions whose DWARF addr2line can read as it is
     * @param newest a version that has to be told to write DWARF 4; it is stripped as well
     */
    List<NamedProgram> ofGo(List<String> plain, String newest) throws Exception {
        List<NamedProgram> programs = new ArrayList<>();
        for (String version : plain) {
            programs.add(go(version, List.of()));
        }
        NamedProgram whole = go(newest, List.of("env", "GOEXPERIMENT=nodwarf5"));
        Path stripped = folder.resolve("stripped");
        shell("strip -o " + stripped + " " + whole.file());
        programs.add(whole);
        List<String> command = List.of(stripped.toString());
        programs.add(
                new NamedProgram(
                        whole.name() + "-stripped", command, stripped, whole.file(), whole.go()));
        return programs;
    }

    private NamedProgram go(String version, List<String> settings) throws Exception {
        String name = "go-" + version;
        String go = GoToolchain.command(version, folder);
        List<String> build = new ArrayList<>(settings);
        build.add(go);
        Path file = KnownPrograms.goBuild(build, sources.resolve("go"), folder, name);
        String tools = String.join(" ", GoToolchain.OWN_SETTINGS) + " " + go;
        return new NamedProgram(name, List.of(file.toString()), file, file, tools);
    }

    /** Runs builds beside each other. */
    private static List<NamedProgram> all(List<Callable<NamedProgram>> builds) throws Exception {
        try (var threads = Executors.newFixedThreadPool(2)) {
            List<NamedProgram> built = new ArrayList<>();
            for (Future<NamedProgram> build : threads.invokeAll(builds)) {
                built.add(build.get());
            }
            return built;
        }
    }

    private NamedProgram text() throws Exception {
        shell("g++ -O2 -g -gdwarf-4 -o text " + sources.resolve("text.cc"));
        return of("text", folder.resolve("text"));
    }

    private NamedProgram rust() throws Exception {
        shell("rustc -O -g -o rust " + sources.resolve("text.rs"));
        return of("rust", folder.resolve("rust"));
    }

    /**
     * A program whose DWARF addr2line cannot read, to be compared with the same code.
     *
     * @param whole the same code, whose DWARF is not split
     */
    private NamedProgram seenBy(NamedProgram split, NamedProgram whole) throws Exception {
        for (Path file : List.of(split.file(), whole.file())) {
            shell("objcopy -O binary --only-section=.text " + file + " " + file + ".code");
        }
        shell("cmp " + split.file() + ".code " + whole.file() + ".code");
        return new NamedProgram(split.name(), split.command(), split.file(), whole.file(), "");
    }

    private NamedProgram library() throws Exception {
        Path library = c("librecords.so", "gcc -O3 -g -gdwarf-5 -DLIBRARY -shared -fPIC");
        Path program = c("calls", "gcc -O2 -DPROGRAM -Wl,-rpath," + folder, library.toString());
        return new NamedProgram("library", List.of(program.toString()), library, library, "");
    }

    private static NamedProgram of(String name, Path file) {
        return new NamedProgram(name, List.of(file.toString()), file, file, "");
    }

    private Path containers(String compiler, String output) throws Exception {
        String source = sources.resolve("containers.cc").toString();
        shell(compiler + " -std=c++17 -o " + output + " " + source);
        return folder.resolve(output);
    }

    private Path c(String output, String compiler, String... more) throws Exception {
        String files = sources.resolve("records.c") + " " + String.join(" ", more);
        shell(compiler + " -o " + output + " " + files);
        return folder.resolve(output);
    }

    private void shell(String command) throws IOException, InterruptedException {
        KnownPrograms.run(List.of("sh", "-c", command), folder);
    }
}
