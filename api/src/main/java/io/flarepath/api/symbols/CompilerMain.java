package io.flarepath.api.symbols;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.compile.SymbolCompiler;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The process that compiles one pushed file: what is hostile in it can end or fill this one only.
 * Told the file, where the symbol file shall be, and a folder for what is temporary. Writes what it
 * found to its standard output, as {@link Build#encode}, or one line that says why it cannot.
 */
public final class CompilerMain {
    /** The file cannot be used, and why was written. */
    static final int REFUSED = 3;

    /** The machine failed, and why was written. */
    static final int FAILED = 4;

    private CompilerMain() {}

    /** Compiles, and ends the process. */
    public static void main(String[] words) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int code = 0;
        try {
            byte[] found =
                    compile(Path.of(words[0]), Path.of(words[1]), Path.of(words[2])).encode();
            out.write(found, 0, found.length);
        } catch (MalformedBinaryException e) {
            out.println(e.getMessage());
            code = REFUSED;
        } catch (IOException e) {
            out.println(e);
            code = FAILED;
        } catch (RuntimeException e) {
            // A parser that stumbles over a hostile file: the file's fault as far as anybody can
            // mend it.
            out.println("it cannot be read: " + e);
            code = REFUSED;
        } catch (OutOfMemoryError | StackOverflowError e) {
            out.println("it takes more memory than compiling may");
            code = REFUSED;
        }
        out.flush();
        Runtime.getRuntime().halt(code);
    }

    private static Build compile(Path file, Path target, Path scratch) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteSource source = ByteSource.of(channel);
            Build build = Build.of(ElfFile.read(source));
            if (!Build.isBuildId(build.buildId())) {
                throw new MalformedBinaryException(
                        "it has no GNU build-id, by which profiles name their executables: link it"
                                + " with -Wl,--build-id");
            }
            // No roots: a pushed file must not make the server read what else lies on this machine.
            SymbolCompiler compiler =
                    new SymbolCompiler(
                            new DebugFiles(List.of(), ""), scratch, SymbolCompiler.Limits.USUAL);
            SymbolCompiler.Result result = compiler.compile(source, target);
            return build.compiled(result.functions(), SymbolFile.open(target).hasLines());
        }
    }
}
