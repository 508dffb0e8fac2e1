package io.flarepath.agent.symbols;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.compile.SymbolCompiler;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.debugfile.Debuginfod;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The builder of symbol files and unwind tables, a process of its own: what is hostile in a binary
 * can end or fill this one only. Reads a request a line from its standard input (kind, executable,
 * path, root of its process, where the file shall be, folder for what is temporary), answers with a
 * line, and ends at the end of its input.
 */
public final class BuilderMain {
    /** Kind of a request: a symbol file is wanted. */
    public static final String SYMBOLS = "symbols";

    /** Kind of a request: an unwind table is wanted. */
    public static final String UNWIND = "unwind";

    private BuilderMain() {}

    /** Builds until there are no more requests. */
    public static void main(String[] words) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader requests =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(BuilderMessage.encode(answer(BuilderMessage.decode(line))));
        }
    }

    private static List<String> answer(List<String> request) {
        try {
            return build(request);
        } catch (IOException e) {
            return List.of(BuilderMessage.FAILED, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            return List.of(BuilderMessage.FAILED, e.toString());
        } catch (OutOfMemoryError | StackOverflowError e) {
            return List.of(BuilderMessage.FAILED, "it takes too much memory");
        }
    }

    private static List<String> build(List<String> request) throws IOException {
        List<Path> roots = List.of(Path.of(request.get(3)), Path.of("/"));
        DebugFiles files = new DebugFiles(roots, request.get(2));
        Path target = Path.of(request.get(4));
        Path scratch = Path.of(request.get(5));
        Path executable = Path.of(request.get(1));
        try (FileChannel channel = FileChannel.open(executable, StandardOpenOption.READ)) {
            ByteSource source = ByteSource.of(channel);
            Object result =
                    switch (request.getFirst()) {
                        case SYMBOLS -> symbols(files, scratch).compile(source, target);
                        case UNWIND ->
                                new UnwindCompiler(files, scratch).compile(source, target).rows();
                        default -> throw new IOException("no such request: " + request.getFirst());
                    };
            return List.of(BuilderMessage.DONE, result.toString());
        }
    }

    private static SymbolCompiler symbols(DebugFiles files, Path scratch) {
        return new SymbolCompiler(files, servers(scratch), scratch, SymbolCompiler.Limits.USUAL);
    }

    static Debuginfod servers(Path folder) {
        String urls = System.getenv().getOrDefault("DEBUGINFOD_URLS", "");
        return new Debuginfod(urls, folder.resolve("debuginfod"));
    }
}
