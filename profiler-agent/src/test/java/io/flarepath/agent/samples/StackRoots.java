package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a stack may end: the functions by which a process or a thread begins. A stripped file has
 * no names for them: there it is the code at the entry point of its ELF header, and what its own
 * call frame information, as readelf prints it, says to have no caller.
 */
final class StackRoots {
    private static final Pattern NAMES =
            Pattern.compile(
                    "_start|_start_c|(__)?libc_start.*|(__GI_)?_*clone3?|__clone_internal|start_thread"
                            + "|runtime\\.goexit.*|runtime\\.mstart.*|runtime\\.clone.*|(runtime\\.)?_?rt0.*");

    /** The code of an entry point is shorter than this. */
    private static final long ENTRY_BYTES = 64;

    /** What is larger is not asked of readelf, whose answer would be a gigabyte. */
    private static final long MAX_READELF_BYTES = 8 << 20;

    private static final Pattern FDE = Pattern.compile(" FDE .*pc=([0-9a-f]+)\\.\\.([0-9a-f]+)$");
    private static final Pattern NO_CALLER = Pattern.compile("^[0-9a-f]{16} .* u *$");
    private static final List<String> FOLDERS =
            List.of("/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/usr/lib64");

    private record Range(long start, long end) {}

    private final List<Path> folders = new ArrayList<>();
    private final Map<String, List<Range>> outermost = new HashMap<>();

    StackRoots() {
        FOLDERS.forEach(f -> folders.add(Path.of(f)));
    }

    /** Also looks for files without names in this folder. */
    void lookIn(Path folder) {
        folders.add(folder);
    }

    /** Whether a stack that ends in this frame is whole. */
    boolean isRoot(Frame frame) {
        return switch (frame.kind()) {
            case ERROR, KERNEL -> false;
            default ->
                    NAMES.matcher(frame.function()).matches()
                            || (isNameless(frame) && isOutermost(frame));
        };
    }

    /** Whether the frame stands for code without a symbol. */
    static boolean isNameless(Frame frame) {
        return !frame.mapping().isEmpty() && frame.function().startsWith(frame.mapping() + "+0x");
    }

    private boolean isOutermost(Frame frame) {
        long address = frame.address();
        return outermost.computeIfAbsent(frame.mapping(), this::find).stream()
                .anyMatch(range -> address >= range.start() && address < range.end());
    }

    private List<Range> find(String name) {
        List<Range> ranges = new ArrayList<>();
        for (Path folder : folders) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                try {
                    long entry = entry(file);
                    if (entry != 0) {
                        ranges.add(new Range(entry, entry + ENTRY_BYTES));
                    }
                    if (Files.size(file) <= MAX_READELF_BYTES) {
                        addWithoutCaller(file, ranges);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                break;
            }
        }
        return ranges;
    }

    /** The field e_entry (System V ABI, ELF header). */
    private static long entry(Path file) throws IOException {
        byte[] header = new byte[32];
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            in.readFully(header);
        }
        ByteBuffer buffer = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        return buffer.getInt(0) == 0x464c457f ? buffer.getLong(24) : 0;
    }

    private static void addWithoutCaller(Path file, List<Range> ranges) throws IOException {
        Process readelf =
                new ProcessBuilder("readelf", "-W", "--debug-dump=frames-interp", file.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        Range fde = null;
        try (var lines = readelf.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher header = FDE.matcher(line);
                if (header.find()) {
                    fde =
                            new Range(
                                    Long.parseUnsignedLong(header.group(1), 16),
                                    Long.parseUnsignedLong(header.group(2), 16));
                } else if (fde != null && NO_CALLER.matcher(line).matches()) {
                    ranges.add(fde);
                    fde = null;
                }
            }
        }
    }
}
