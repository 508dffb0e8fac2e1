package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.DataSymbols;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What one {@code libjvm.so} exports about itself, for all the processes that run it. It holds no
 * open file. Addresses are ELF virtual addresses.
 */
public final class JvmLibrary {
    private static final String PREFIX = "gHotSpotVM";

    /** The first field of the table that the VM keeps for its JVMCI compilers. */
    private static final byte[] JVMCI_FIRST_FIELD =
            "\0Klass_vtable_start_offset\0".getBytes(StandardCharsets.US_ASCII);

    private static final int CHUNK = 1 << 16;
    private static final long MAX_SEARCHED = 64L << 20;

    /** A range of data that the loader fills with addresses. */
    record Data(long address, long bytes) {}

    private final Map<String, Long> symbols;
    private final long jvmciFieldName;
    private final List<Data> data;

    JvmLibrary(Map<String, Long> symbols, long jvmciFieldName, List<Data> data) {
        this.symbols = symbols;
        this.jvmciFieldName = jvmciFieldName;
        this.data = data;
    }

    /**
     * Reads the file at a path.
     *
     * @throws io.flarepath.symbolizer.binary.MalformedBinaryException if it is not an ELF file that
     *     we read
     */
    public static JvmLibrary open(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return read(ByteSource.of(channel));
        }
    }

    /** Reads the file out of any source of bytes, which is not used after this call. */
    public static JvmLibrary read(ByteSource source) throws IOException {
        ElfFile file = ElfFile.read(source);
        List<Data> data = new ArrayList<>();
        long fieldName = 0;
        for (Segment segment : file.segments()) {
            if (segment.type() != ElfFile.PT_LOAD) {
                continue;
            }
            if (segment.writable()) {
                data.add(new Data(segment.address(), segment.bytes()));
            } else if (fieldName == 0) {
                fieldName = find(source, segment);
            }
        }
        return new JvmLibrary(
                Map.copyOf(DataSymbols.startingWith(file, PREFIX)), fieldName, List.copyOf(data));
    }

    /** The address of the name of JVMCI's first field, or 0. */
    private static long find(ByteSource source, Segment segment) throws IOException {
        int overlap = JVMCI_FIRST_FIELD.length - 1;
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK + overlap);
        long end = Math.min(segment.fileBytes(), MAX_SEARCHED);
        for (long at = 0; at < end; at += CHUNK) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
            while (buffer.hasRemaining()
                    && source.read(buffer, segment.offset() + at + buffer.position()) > 0) {
                // until the chunk is whole or the file ends
            }
            int hit = indexOf(buffer.array(), buffer.position());
            if (hit >= 0) {
                return segment.address() + at + hit + 1;
            }
        }
        return 0;
    }

    private static int indexOf(byte[] bytes, int length) {
        byte[] wanted = JVMCI_FIRST_FIELD;
        for (int i = 0; i + wanted.length <= length; i++) {
            int matched = 0;
            while (matched < wanted.length && bytes[i + matched] == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Whether it exports the tables that {@link HotSpot} reads: a library of another VM does not.
     */
    public boolean describesItself() {
        return symbols.containsKey(PREFIX + "Structs") && symbols.containsKey(PREFIX + "Types");
    }

    /** The address of the exported variable {@code gHotSpotVM<name>}. */
    long symbol(String name) throws UnknownLayoutException {
        Long address = symbols.get(PREFIX + name);
        if (address == null) {
            throw new UnknownLayoutException("libjvm.so does not export " + PREFIX + name);
        }
        return address;
    }

    /** Where the string stands to which the first entry of JVMCI's table points, or 0. */
    long jvmciFieldName() {
        return jvmciFieldName;
    }

    /** The data in which that table may be. */
    List<Data> data() {
        return data;
    }
}
