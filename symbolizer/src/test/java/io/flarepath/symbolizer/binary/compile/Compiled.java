package io.flarepath.symbolizer.binary.compile;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.LongPredicate;

/** Symbol files of programs that tests made. */
public final class Compiled {
    private static final long SEED = Long.getLong("flarepath.seed", 97);

    private Compiled() {}

    /** Makes the symbol file of a program; debug files are looked for on this machine. */
    public static SymbolFile file(Path directory, Path program) throws IOException {
        return file(directory, program, Path.of("/"));
    }

    /** Debug files are looked for below {@code root}. */
    static SymbolFile file(Path directory, Path program, Path root) throws IOException {
        Path target = directory.resolve(program.getFileName() + ".symbols");
        DebugFiles files = new DebugFiles(List.of(root), program.toString());
        try (FileChannel channel = FileChannel.open(program)) {
            new SymbolCompiler(files, directory, SymbolCompiler.Limits.USUAL)
                    .compile(ByteSource.of(channel), target);
        }
        return SymbolFile.open(target);
    }

    /** Addresses of code, each byte as likely as any other, as samples of all of it would be. */
    static long[] addresses(SymbolFile file, int count, LongPredicate wanted) {
        long total = 0;
        for (int i = 0; i < file.segments(); i++) {
            total += file.segmentLength(i);
        }
        Random random = new Random(SEED);
        long[] addresses = new long[count];
        for (int n = 0; n < count; ) {
            long rest = random.nextLong(total);
            int segment = 0;
            while (rest >= file.segmentLength(segment)) {
                rest -= file.segmentLength(segment++);
            }
            long address = file.segmentStart(segment) + rest;
            if (wanted.test(address)) {
                addresses[n++] = address;
            }
        }
        return addresses;
    }
}
