package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.ElfFile.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The content of sections by name, inflated where it is compressed: {@code SHF_COMPRESSED} with
 * zlib or Zstandard (System V ABI, chapter 4, "Section compression"), and GNU's older {@code
 * .zdebug_} names. Large ones are inflated into a file that has no name any more.
 */
public final class SectionBytes implements AutoCloseable {
    private static final int ZLIB = 1;
    private static final int ZSTD = 2;
    private static final int COMPRESSION_HEADER = 24;
    private static final int OLD_HEADER = 12;
    private static final long MOST_IN_MEMORY = 4 << 20;
    private static final int CHUNK = 1 << 15;

    private final ElfFile file;
    private final @Nullable Path scratch;
    private long inflatableBytes;
    private final List<FileChannel> opened = new ArrayList<>();

    /**
     * @param scratch folder for what is inflated; null: only small sections are
     * @param mostInflated bytes that all compressed sections together may have
     */
    public SectionBytes(ElfFile file, @Nullable Path scratch, long mostInflated) {
        this.file = file;
        this.scratch = scratch;
        this.inflatableBytes = mostInflated;
    }

    /** Whether there is such a section, with content. */
    public boolean has(String name) {
        return find(name).isPresent();
    }

    /**
     * The content of a section.
     *
     * @param name its name, of the form {@code .debug_info}
     * @return null if there is none
     * @throws MalformedBinaryException if it is compressed in a way that is not read
     */
    public @Nullable ByteSource open(String name) throws IOException {
        Optional<Section> found = find(name);
        if (found.isEmpty()) {
            return null;
        }
        Section section = found.get();
        Window window = file.window;
        if (!window.contains(section.offset(), section.bytes())) {
            throw new MalformedBinaryException(name + " lies outside the file: it is cut");
        }
        ByteSource stored = ByteSource.slice(window.source(), section.offset(), section.bytes());
        if (section.compressed()) {
            Window header = new Window(stored, COMPRESSION_HEADER);
            long size = header.i64(8);
            ByteSource packed = ByteSource.slice(stored, COMPRESSION_HEADER, section.bytes());
            return expand(name, header.i32(0), packed, size);
        }
        if (section.name().startsWith(".z")) {
            Window header = new Window(stored, OLD_HEADER);
            long size = Long.reverseBytes(header.i64(4));
            return expand(name, ZLIB, ByteSource.slice(stored, OLD_HEADER, section.bytes()), size);
        }
        return stored;
    }

    private Optional<Section> find(String name) {
        Optional<Section> plain = file.section(name);
        Optional<Section> found =
                plain.isPresent() ? plain : file.section(".z" + name.substring(1));
        return found.filter(s -> s.type() != ElfFile.SHT_NOBITS && s.bytes() > 0);
    }

    private ByteSource expand(String name, int type, ByteSource packed, long size)
            throws IOException {
        if (size < 0 || size > inflatableBytes || (scratch == null && size > MOST_IN_MEMORY)) {
            throw new MalformedBinaryException(
                    name + " has " + size + " bytes uncompressed, which is more than is read");
        }
        inflatableBytes -= size;
        if (size <= MOST_IN_MEMORY || scratch == null) {
            byte[] bytes = new byte[(int) size];
            ByteBuffer target = ByteBuffer.wrap(bytes);
            expand(name, type, packed, size, target::put);
            return ByteSource.of(bytes);
        }
        Path path = Files.createTempFile(scratch, "section", ".tmp");
        FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        opened.add(channel);
        expand(
                name,
                type,
                packed,
                size,
                (bytes, offset, length) -> {
                    ByteBuffer chunk = ByteBuffer.wrap(bytes, offset, length);
                    while (chunk.hasRemaining()) {
                        channel.write(chunk);
                    }
                });
        return ByteSource.of(channel);
    }

    /** Takes what was inflated, in order. */
    @FunctionalInterface
    interface Output {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    private static void expand(String name, int type, ByteSource packed, long size, Output output)
            throws IOException {
        switch (type) {
            case ZLIB -> inflate(name, packed, size, output);
            case ZSTD ->
                    throw new MalformedBinaryException(
                            name + " is compressed with Zstandard, which is not read");
            default ->
                    throw new MalformedBinaryException(
                            name + " is compressed in a way that is not known: " + type);
        }
    }

    private static void inflate(String name, ByteSource packed, long size, Output output)
            throws IOException {
        byte[] in = new byte[CHUNK];
        byte[] out = new byte[CHUNK];
        long read = 0;
        long written = 0;
        Inflater inflater = new Inflater();
        try {
            while (written < size) {
                if (inflater.needsInput()) {
                    int got = packed.read(ByteBuffer.wrap(in), read);
                    if (got <= 0) {
                        break;
                    }
                    read += got;
                    inflater.setInput(in, 0, got);
                }
                int got = inflater.inflate(out);
                if (got == 0 && (inflater.finished() || inflater.needsDictionary())) {
                    break;
                }
                int taken = (int) Math.min(got, size - written);
                output.write(out, 0, taken);
                written += taken;
            }
        } catch (DataFormatException e) {
            throw new MalformedBinaryException(name + " cannot be inflated: " + e.getMessage());
        } finally {
            inflater.end();
        }
        if (written != size) {
            throw new MalformedBinaryException(
                    name + " announces " + size + " bytes and holds " + written);
        }
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : opened) {
            channel.close();
        }
        opened.clear();
    }
}
