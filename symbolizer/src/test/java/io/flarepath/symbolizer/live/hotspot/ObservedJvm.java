package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.live.MemoryMapping;
import io.flarepath.symbolizer.live.ProcessMaps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A JVM that runs a program for a test, and what it says of itself through jcmd. */
final class ObservedJvm implements AutoCloseable {
    /** Line numbers of this text are part of the tests. */
    static final String PROGRAM =
            """
            import java.math.BigInteger;
            import java.util.*;
            import java.util.function.IntUnaryOperator;
            import java.util.regex.Pattern;
            import java.util.stream.*;

            public final class HotCalls {
                static volatile long sink;

                static int first(int x) {
                    int a = x * 31;
                    return a + table[a & 63];
                }

                static int second(int x) {
                    int b = first(x + 1);
                    return b ^ table[b & 63];
                }

                static int[] table = new int[64];

                static int hot(int n) {
                    int sum = 0;
                    for (int i = 0; i < n; i++) {
                        sum += first(i);
                        sum -= second(i);
                    }
                    return sum;
                }

                static long variety(int i) {
                    Map<String, Integer> words = new HashMap<>();
                    for (String word : ("a b c d e f " + i).split(" ")) words.merge(word, 1, Integer::sum);
                    List<Integer> list = IntStream.range(0, 50).boxed().sorted(Comparator.reverseOrder()).collect(Collectors.toList());
                    IntUnaryOperator add = y -> y + i;
                    return words.size() + list.get(3) + add.applyAsInt(2)
                        + new BigInteger("123456789" + i).pow(5).hashCode()
                        + (Pattern.compile("a+b*" + i % 7).matcher("aaab" + i).find() ? 1 : 0)
                        + String.format("%d-%s", i, words).length();
                }

                public static void main(String[] args) throws Exception {
                    System.out.println("started");
                    for (int i = 0; ; i++) {
                        sink += hot(1000);
                        if (i < 200_000 && i % 10 == 0) sink += variety(i);
                        if (i % 20_000 == 10_000) System.out.println(i);
                        if (i > 60_000) Thread.sleep(1);
                    }
                }
            }
            """;

    private static final Pattern LISTED =
            Pattern.compile(
                    "^ *(\\d+) +-?\\d+ +-?\\d+ +(\\S+) \\[0x([0-9a-f]+), 0x([0-9a-f]+) - 0x([0-9a-f]+)\\]$");

    /** A line of Compiler.codelist. */
    record Listed(int compileId, String method, long blob, long code, long end) {}

    final Process process;
    final ProcessMemory memory;
    private final Path home;
    private final Path directory;
    private final JvmLibrary library;
    private final Executable executable;

    private ObservedJvm(Path home, Path directory, List<String> command) throws IOException {
        this.home = home;
        this.directory = directory;
        // Before the start, of which nothing shall be missed.
        this.library = JvmLibrary.open(home.resolve("lib/server/libjvm.so"));
        this.executable = Executable.open(home.resolve("lib/server/libjvm.so"));
        this.process =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        this.memory = ProcessMemory.open((int) process.pid());
    }

    /** Starts the program and returns at once. */
    static ObservedJvm start(Path directory, int major, String... options) throws IOException {
        Path home = Jdks.home(major);
        if (!Files.exists(directory.resolve("HotCalls.class"))) {
            Files.writeString(directory.resolve("HotCalls.java"), PROGRAM);
            // Made by the older one, so that both run the same bytecodes.
            Programs.run(directory, Jdks.home(17) + "/bin/javac", "-d", ".", "HotCalls.java");
        }
        List<String> command = new ArrayList<>();
        command.add(home + "/bin/java");
        command.add("-Xmx96m");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", directory.toString(), "HotCalls"));
        return new ObservedJvm(home, directory, command);
    }

    private static @Nullable MemoryMapping libjvm(long pid) throws IOException {
        return ProcessMaps.read((int) pid).mappings().stream()
                .filter(mapping -> mapping.path().endsWith("/libjvm.so"))
                .findFirst()
                .orElse(null);
    }

    /** The VM from outside, as soon as it has started. */
    HotSpot open() throws IOException, InterruptedException, UnknownLayoutException {
        long until = System.nanoTime() + 20_000_000_000L;
        while (System.nanoTime() < until) {
            HotSpot vm = tryOpen();
            if (vm != null) {
                return vm;
            }
            Thread.sleep(2);
        }
        throw new IllegalStateException("the JVM did not start");
    }

    /** One attempt to open it. */
    @Nullable HotSpot tryOpen() throws IOException, UnknownLayoutException {
        long bias = bias();
        return bias == 0 ? null : HotSpot.open(memory, library, bias);
    }

    /** The load bias of libjvm; 0 while it is not mapped. */
    long bias() throws IOException {
        MemoryMapping code;
        try {
            code = libjvm(process.pid());
        } catch (IOException e) {
            return 0; // gone
        }
        if (code == null) {
            return 0;
        }
        return code.start()
                - executable
                        .codeAddress(code.fileOffset(), code.end() - code.start())
                        .orElseThrow();
    }

    JvmLibrary library() {
        return library;
    }

    /** Compiled methods by compile id, as the VM lists them. */
    Map<Integer, Listed> codeList() {
        String text =
                Programs.run(
                        directory,
                        home + "/bin/jcmd",
                        Long.toString(process.pid()),
                        "Compiler.codelist");
        Map<Integer, Listed> listed = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = LISTED.matcher(line);
            if (matcher.matches()) {
                int id = Integer.parseInt(matcher.group(1));
                listed.put(
                        id,
                        new Listed(
                                id,
                                matcher.group(2),
                                Long.parseUnsignedLong(matcher.group(3), 16),
                                Long.parseUnsignedLong(matcher.group(4), 16),
                                Long.parseUnsignedLong(matcher.group(5), 16)));
            }
        }
        return listed;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        memory.close();
    }
}
