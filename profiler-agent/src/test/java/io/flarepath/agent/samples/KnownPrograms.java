package io.flarepath.agent.samples;

import static io.flarepath.agent.samples.CallChain.ANYTHING;

import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds the programs whose stacks are known, from the test resources. */
final class KnownPrograms {
    private static final Map<String, Integer> SHARES = Map.of("sixty", 60, "thirty", 30, "ten", 10);
    private static final List<String> PLAIN = List.of("-O2", "-fomit-frame-pointer");

    private final Path sources;
    private final Path folder;

    /**
     * @param folder an empty folder to build in
     */
    KnownPrograms(Path folder) throws Exception {
        this.folder = folder;
        sources = sources("/programs/known/work.h");
    }

    /** The folder of the test resources in which a file lies. */
    static Path sources(String file) throws Exception {
        URL url = Objects.requireNonNull(KnownPrograms.class.getResource(file), file);
        return Path.of(url.toURI()).resolveSibling("");
    }

    /** Everything that gcc and g++ make. */
    List<KnownProgram> ofC() throws Exception {
        List<KnownProgram> all = new ArrayList<>();
        all.add(work("c", gcc("c", "split.c"), "main"));
        all.add(stripped("static-stripped", gcc("static", "split.c", "-static")));
        all.add(stripped("static-pie-stripped", gcc("static-pie", "split.c", "-static-pie")));
        all.add(work("own-start", gcc("own-start", "start.c", "-nostdlib", "-static"), "main"));
        all.add(
                stripped(
                        "own-start-stripped", gcc("own-start", "start.c", "-nostdlib", "-static")));
        all.add(
                work(
                        "frame-pointers",
                        run(
                                "frame-pointers",
                                "gcc",
                                "-O2",
                                "-DKEEPS_FRAME_POINTER",
                                "-fno-omit-frame-pointer",
                                "-fno-asynchronous-unwind-tables",
                                sources.resolve("split.c").toString()),
                        "main"));
        String[] interrupted = {"leaf?", "interrupted", "outer", "main"};
        Path handler = gcc("handler", "handler.c");
        all.add(work("handler", handler, path("handler", "*libc.so", interrupted)));
        all.add(
                work(
                        "handler-other-stack",
                        handler,
                        path("handler", "*libc.so", interrupted),
                        "other"));
        all.add(
                work(
                        "handler-static",
                        gcc("handler-static", "handler.c", "-static"),
                        path("handler", "__restore_rt", interrupted),
                        "other"));
        Path deep = gcc("deep", "deep.c");
        all.add(work("deep-200", deep, deep(200), "200"));
        all.add(work("deep-300", deep, deep(300), "300"));
        Path plugin = gcc("plugin.so", "plugin.c", "-shared", "-fPIC");
        all.add(
                work(
                        "plugin",
                        gcc("loads", "loads.c", "-ldl"),
                        new String[] {"plugin_run", "calls", "main"},
                        plugin.toString()));
        all.add(work("system-calls", gcc("reads", "reads.c"), "main"));
        all.add(work("threads", gcc("threads", "threads.c", "-pthread"), "thread", ANYTHING));
        all.add(work("aligned-stack", gcc("aligned", "aligned.c"), "takes", "aligns", "main"));
        all.add(objects());
        all.add(other("vdso", gcc("clock", "clock.c"), CallChain.of("asks", "main")));
        gcc("libtrivial.so", "trivial.c", "-shared", "-fPIC");
        all.add(plt("plt-lazy", "-Wl,-z,lazy"));
        all.add(plt("plt-ibt", "-Wl,-z,now", "-Wl,-z,ibtplt", "-fcf-protection=full"));
        return all;
    }

    /** C whose functions call each other in all ways that matter to probes of their returns. */
    List<KnownProgram> probed() throws Exception {
        String source = sources.resolve("probed.c").toString();
        List<String> pointers =
                List.of(
                        "-O2",
                        "-DKEEPS_FRAME_POINTER",
                        "-fno-omit-frame-pointer",
                        "-fno-asynchronous-unwind-tables");
        Path rules = gcc("probed", "probed.c");
        Path frames = run("probed-frames", with(pointers, "gcc", source));
        Path leaves =
                run("probed-leaves", with(pointers, "gcc", "-momit-leaf-frame-pointer", source));
        Path handler = gcc("probed-handler", "handler.c");
        String[] interrupted = {"leaf?", "interrupted", "outer", "main"};
        String[] way = path("handler", "*libc.so", interrupted);
        return List.of(
                probed("probed", rules, 20),
                probed("probed-more-than-the-kernel-takes", rules, 100, "100"),
                probed("frame-pointers-probed", frames, 20),
                probed("frame-pointers-but-leaves-probed", leaves, 20),
                work("handler-probed", handler, way),
                // Last: with an agent that has just been started, what crosses stacks is cut.
                work("handler-other-stack-probed", handler, way, "other"));
    }

    private static String[] with(List<String> options, String compiler, String... more) {
        return Stream.of(Stream.of(compiler), options.stream(), Stream.of(more))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    private static KnownProgram probed(String name, Path file, int levels, String... words) {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(List.of(words));
        Map<String, List<CallChain>> chains = chains("main");
        List<String> deep = new ArrayList<>(List.of("innermost"));
        deep.addAll(Collections.nCopies(levels, "deep"));
        deep.add("main");
        Stream.of(
                        deep,
                        List.of("chained", "last", "main"),
                        List.of("jumped", "after", "protects", "main"),
                        List.of("anew", "again", "protects", "main"))
                .forEach(path -> chains.put(path.getFirst(), List.of(new CallChain(path))));
        return new KnownProgram(name, command, chains, Map.of(), null);
    }

    /** Rust as released: no debug information, unwinding panics. */
    List<KnownProgram> ofRust() throws Exception {
        Path file =
                run(
                        "rust_split",
                        "rustc",
                        "-O",
                        "-C",
                        "debuginfo=0",
                        sources.resolve("rust_split.rs").toString());
        return List.of(rust("rust", file, null), rust("rust-stripped", strip(file), symbols(file)));
    }

    private static KnownProgram rust(
            String name, Path file, @Nullable NavigableMap<Long, String> symbols) {
        String crate = "rust_split::";
        String task = "<rust_split::Of as rust_split::Task>::run";
        Map<String, List<CallChain>> chains = new LinkedHashMap<>();
        SHARES.keySet()
                .forEach(leaf ->
                        chains.put(
                                crate + leaf,
                                List.of(
                                        CallChain.of(
                                                crate + leaf,
                                                task,
                                                crate + "b",
                                                crate + "a",
                                                ANYTHING,
                                                "main"),
                                        CallChain.of(
                                                crate + leaf,
                                                task,
                                                crate + "b",
                                                crate + "a",
                                                ANYTHING,
                                                "*libc.so"))));
        chains.put(
                crate + "compares",
                List.of(CallChain.of(crate + "compares", ANYTHING, crate + "sorts", crate + "a")));
        return new KnownProgram(
                name,
                List.of(file.toString()),
                chains,
                Map.of(crate + "sixty", 60, crate + "thirty", 30, crate + "ten", 10),
                symbols);
    }

    /**
     * Go, by the toolchain of a folder.
     *
     * @param name of the program in messages
     * @param options of {@code go build}
     */
    KnownProgram go(String name, String go, String... options) throws Exception {
        Path file = goBuild(List.of(go), sources.resolve("go"), folder, name, options);
        Map<String, List<CallChain>> chains = new LinkedHashMap<>();
        SHARES.keySet()
                .forEach(leaf ->
                        chains.put(
                                "main." + leaf,
                                List.of(
                                        CallChain.of(
                                                "main." + leaf,
                                                "main.b",
                                                "main.a",
                                                "main.main",
                                                "runtime.main"),
                                        CallChain.of(
                                                "main." + leaf,
                                                "main.b",
                                                "main.a",
                                                "main.worker"))));
        return new KnownProgram(
                name,
                List.of(file.toString()),
                chains,
                Map.of("main.sixty", 60, "main.thirty", 30, "main.ten", 10),
                null);
    }

    /** Go that calls C, and C that calls Go. */
    KnownProgram cgo(String name, String go, String... options) throws Exception {
        Path file = goBuild(List.of(go), sources.resolve("gocgo"), folder, name, options);
        Map<String, List<CallChain>> chains = new LinkedHashMap<>();
        for (String leaf : List.of("sixty", "main.thirty", "main.ten")) {
            String[] roots = {"main.main", "main.worker"};
            chains.put(
                    leaf,
                    Arrays.stream(roots)
                            .map(r ->
                                    leaf.equals("main.ten")
                                            ? CallChain.of(leaf, "main.b", "main.a", r)
                                            : CallChain.of(leaf, ANYTHING, "main.b", "main.a", r))
                            .toList());
        }
        return new KnownProgram(
                name,
                List.of(file.toString()),
                chains,
                Map.of("sixty", 60, "main.thirty", 30, "main.ten", 10),
                null);
    }

    /**
     * Builds a Go program.
     *
     * @param go the go command, possibly behind env and its variables
     * @param source the folder of its files
     * @param folder where it is built
     * @param name of the file that is made
     * @param options of {@code go build}
     */
    static Path goBuild(List<String> go, Path source, Path folder, String name, String... options)
            throws IOException, InterruptedException {
        Path module = Files.createDirectories(folder.resolve(name + "-module"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, module.resolve(file.getFileName()));
            }
        }
        Files.writeString(module.resolve("go.mod"), "module known\n\ngo 1.16\n");
        List<String> command = new ArrayList<>(go);
        command.add("build");
        command.addAll(List.of(options));
        Path file = folder.resolve(name);
        command.addAll(List.of("-o", file.toString(), "."));
        command.addAll(0, GoToolchain.OWN_SETTINGS);
        run(command, module);
        return file;
    }

    private KnownProgram objects() throws Exception {
        Path file = compile("g++", "objects", "objects.cc", "-pthread");
        Map<String, List<CallChain>> chains = new LinkedHashMap<>();
        Map.of("sixty", "Sixty::run", "thirty", "Thirty::run", "ten", "Ten::run")
                .forEach((leaf, run) ->
                        chains.put(
                                leaf,
                                List.of(
                                        CallChain.of(leaf, run, "b", "a", "main"),
                                        CallChain.of(
                                                leaf, run, "b", "a", ANYTHING, "*libstdc++.so"))));
        chains.put("compares", List.of(CallChain.of("compares", ANYTHING, "sorts", "a")));
        chains.put("throws", List.of(CallChain.of("throws", ANYTHING, "catches", "a")));
        return new KnownProgram("c++", List.of(file.toString()), chains, SHARES, null);
    }

    private KnownProgram plt(String name, String... options) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "-L" + folder,
                                "-ltrivial",
                                "-Wl,-rpath," + folder,
                                "-Wl,--no-as-needed"));
        all.addAll(List.of(options));
        Path file = gcc(name, "plt.c", all.toArray(new String[0]));
        return other(name, file, CallChain.of("hammers", "holds", "main"));
    }

    private static KnownProgram other(String name, Path file, CallChain chain) {
        return new KnownProgram(
                name,
                List.of(file.toString()),
                Map.of(chain.functions().getFirst(), List.of(chain)),
                Map.of(),
                null);
    }

    private static String[] path(String handler, String trampoline, String[] interrupted) {
        List<String> path = new ArrayList<>(List.of(handler, trampoline));
        path.addAll(List.of(interrupted));
        return path.toArray(new String[0]);
    }

    private static String[] deep(int levels) {
        List<String> path = new ArrayList<>(Collections.nCopies(levels, "deep"));
        path.add("main");
        return path.toArray(new String[0]);
    }

    private KnownProgram stripped(String name, Path file) throws Exception {
        return new KnownProgram(
                name, List.of(strip(file).toString()), chains("main"), SHARES, symbols(file));
    }

    private static KnownProgram work(String name, Path file, String... callers) {
        return work(name, file, callers, new String[0]);
    }

    private static KnownProgram work(String name, Path file, String[] callers, String... words) {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(List.of(words));
        return new KnownProgram(name, command, chains(callers), SHARES, null);
    }

    /** The leaves, called by b, called by a, called by these. */
    private static Map<String, List<CallChain>> chains(String... callers) {
        Map<String, List<CallChain>> chains = new LinkedHashMap<>();
        for (String leaf : SHARES.keySet()) {
            List<String> functions = new ArrayList<>(List.of(leaf, "b", "a"));
            functions.addAll(List.of(callers));
            chains.put(leaf, List.of(new CallChain(functions)));
        }
        return chains;
    }

    private Path strip(Path file) throws Exception {
        Path stripped = folder.resolve(file.getFileName() + "-stripped");
        run(List.of("strip", "-o", stripped.toString(), file.toString()), folder);
        return stripped;
    }

    private static NavigableMap<Long, String> symbols(Path file) throws Exception {
        return KnownProgram.symbols(file);
    }

    /** Compiles C without frame pointers. */
    Path gcc(String output, String source, String... options) throws Exception {
        return compile("gcc", output, source, options);
    }

    private Path compile(String compiler, String output, String source, String... options)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(compiler));
        command.addAll(PLAIN);
        command.add(sources.resolve(source).toString());
        command.addAll(List.of(options));
        return run(output, command.toArray(new String[0]));
    }

    private Path run(String output, String... command) throws Exception {
        Path file = folder.resolve(output);
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(1, List.of("-o", file.toString()));
        run(all, folder);
        return file;
    }

    /** Runs a command to its end, which must be 0. */
    static String run(List<String> command, Path directory)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(300, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + " failed: " + output);
        }
        return output;
    }
}
