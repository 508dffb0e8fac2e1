package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** Tables of binaries that tests compile. */
final class UnwindTables {
    /**
     * A table, and how it was made.
     *
     * @param millis that compiling took
     */
    record Compiled(UnwindTable table, UnwindCompiler.Result result, long millis) {}

    private UnwindTables() {}

    static Compiled compile(Path directory, Path program) throws IOException {
        return compile(directory, program, directory);
    }

    /** Debug files are looked for below {@code root}. */
    static Compiled compile(Path directory, Path program, Path root) throws IOException {
        Path target = directory.resolve(program.getFileName() + ".unwind");
        DebugFiles files = new DebugFiles(List.of(root), program.toString());
        try (FileChannel channel = FileChannel.open(program)) {
            long start = System.nanoTime();
            var result =
                    new UnwindCompiler(files, directory).compile(ByteSource.of(channel), target);
            long millis = (System.nanoTime() - start) / 1_000_000;
            return new Compiled(UnwindTable.open(target), result, millis);
        }
    }
}
