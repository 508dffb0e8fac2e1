package io.flarepath.agent.symbols;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.compile.SymbolCompiler;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.debugfile.Debuginfod;
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
 * The builder of symbol files, a process of its own: what is hostile in a binary can end or fill
 * this one only. Reads a request a line from its standard input (executable, path, root of its
 * process, where the symbol file shall be, folder for what is temporary), answers with a line, and
 * ends at the end of its input.
 */
public final class BuilderMain {
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
        String path = request.get(1);
        List<Path> roots = List.of(Path.of(request.get(2)), Path.of("/"));
        Path scratch = Path.of(request.get(4));
        SymbolCompiler compiler =
                new SymbolCompiler(
                        new DebugFiles(roots, path),
                        servers(scratch),
                        scratch,
                        SymbolCompiler.Limits.USUAL);
        Path executable = Path.of(request.get(0));
        try (FileChannel channel = FileChannel.open(executable, StandardOpenOption.READ)) {
            SymbolCompiler.Result result =
                    compiler.compile(ByteSource.of(channel), Path.of(request.get(3)));
            return List.of(BuilderMessage.DONE, result.toString());
        }
    }

    static Debuginfod servers(Path folder) {
        String urls = System.getenv().getOrDefault("DEBUGINFOD_URLS", "");
        return new Debuginfod(urls, folder.resolve("debuginfod"));
    }
}
