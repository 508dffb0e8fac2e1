package io.flarepath.symbolizer.live;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.SymbolTableBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Functions that a runtime compiled at run time and listed in {@code /tmp/perf-PID.map} (Linux,
 * tools/perf/Documentation/jit-interface.txt). The file belongs to the observed process: nothing in
 * it is trusted. It is read on as it grows. One thread refreshes, any may look up.
 */
public final class PerfMap {
    /** What a file has beyond this is not read. */
    public static final long MAX_BYTES = 64L << 20;

    static final int MAX_FUNCTIONS = 500_000;

    private final Path file;
    private final int ownerUid;
    private final FrameKind kind;
    private volatile SymbolTable table = new SymbolTableBuilder().build();
    private Object fileKey = "";
    private long position;
    private long malformedLines;
    private boolean full;

    PerfMap(Path file, int ownerUid, FrameKind kind) {
        this.file = file;
        this.ownerUid = ownerUid;
        this.kind = kind;
    }

    /**
     * The map of a process, if there is one and it may be believed.
     *
     * @param kind what runs there: NODE, DOTNET, JVM, or NATIVE if unknown
     * @throws IOException if there is a file that is refused (owner, kind of file), with the reason
     */
    public static Optional<PerfMap> open(int pid, FrameKind kind) throws IOException {
        TargetStatus status = TargetStatus.read(pid);
        Path root = Path.of("/proc/" + pid + "/root");
        // The directory itself is followed by us, from our own root: a link would lead out.
        if (Files.isSymbolicLink(root.resolve("tmp"))) {
            return Optional.empty();
        }
        Path file = root.resolve("tmp").resolve("perf-" + status.innermostPid() + ".map");
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        PerfMap map = new PerfMap(file, status.uid(), kind);
        map.refresh();
        return Optional.of(map);
    }

    /**
     * Reads what was written since the last time; from the start if the file was replaced.
     *
     * @return whether there was something new
     */
    public synchronized boolean refresh() throws IOException {
        long size = check();
        if (size <= position || full) {
            return false;
        }
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            channel.position(position);
            return readFrom(Channels.newInputStream(channel), MAX_BYTES - position);
        }
    }

    private long check() throws IOException {
        Map<String, Object> now =
                Files.readAttributes(
                        file, "unix:uid,size,isRegularFile,dev,ino", LinkOption.NOFOLLOW_LINKS);
        if (!Boolean.TRUE.equals(now.get("isRegularFile"))) {
            throw new IOException(file + " is refused: it is not a regular file");
        }
        int uid = ((Number) Objects.requireNonNull(now.get("uid"))).intValue();
        if (uid != ownerUid && uid != 0) {
            throw new IOException(
                    file
                            + " is refused: it belongs to user "
                            + uid
                            + ", and the process to user "
                            + ownerUid
                            + " (root's would do as well)");
        }
        long size = ((Number) Objects.requireNonNull(now.get("size"))).longValue();
        Object key = now.get("dev") + ":" + now.get("ino");
        if (!key.equals(fileKey) || size < position) {
            fileKey = key;
            position = 0;
            full = false;
            table = new SymbolTableBuilder().build();
        }
        return size;
    }

    /** Takes whole lines; one that is still being written waits for the next time. */
    synchronized boolean readFrom(InputStream in, long limit) throws IOException {
        SymbolTableBuilder builder = new SymbolTableBuilder().addAll(table);
        LineReader lines = new LineReader(in);
        int before = builder.size();
        while (lines.next() && lines.ended()) {
            if (lines.consumed() > limit || builder.size() >= MAX_FUNCTIONS) {
                full = true;
                break;
            }
            position += lines.consumedByLine();
            if (!add(lines, builder)) {
                malformedLines++;
            }
        }
        if (builder.size() == before) {
            return false;
        }
        table = builder.build();
        return true;
    }

    private static boolean add(LineReader lines, SymbolTableBuilder builder) {
        HexCursor cursor = new HexCursor(lines.bytes(), lines.length());
        long start = cursor.hex();
        cursor.expect(' ');
        long size = cursor.hex();
        cursor.expect(' ');
        String name = cursor.rest();
        if (cursor.failed()
                || start < 0
                || size <= 0
                || size > Integer.MAX_VALUE
                || name.isBlank()) {
            return false;
        }
        // Code is replaced by newer code at the same place: later lines win.
        builder.add(start, size, name, builder.size() + 1);
        return true;
    }

    /** The function at an address of the process, if the map names one. */
    public Optional<Frame> frame(long address) {
        SymbolTable now = table;
        int row = now.find(address);
        return row < 0
                ? Optional.empty()
                : Optional.of(new Frame(now.name(row), "", 0, "", "", 0, kind, false));
    }

    /** Number of address ranges that have a name. */
    public int size() {
        return table.size();
    }

    /** Heap bytes of the names. */
    public long bytes() {
        return table.bytes();
    }

    /** Lines that were not understood, and left out. */
    public synchronized long malformedLines() {
        return malformedLines;
    }

    /** Whether a cap ended the reading: later functions have no names. */
    public synchronized boolean full() {
        return full;
    }
}
