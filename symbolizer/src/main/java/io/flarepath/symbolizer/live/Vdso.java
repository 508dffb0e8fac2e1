package io.flarepath.symbolizer.live;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Functions of the vDSO, the code that the kernel maps into every process; one image for all. */
public final class Vdso {
    static final String NAME = "[vdso]";
    private static final int MAX_BYTES = 1 << 18;

    private final @Nullable Executable image;

    private Vdso(@Nullable Executable image) {
        this.image = image;
    }

    /** Without an image: every frame is {@code [vdso]+0x<offset>}. */
    public static Vdso unknown() {
        return new Vdso(null);
    }

    /**
     * Reads the image out of the memory of a process, our own where {@code pid} is ours.
     *
     * @throws IOException if the process has none or its memory may not be read
     */
    public static Vdso read(int pid) throws IOException {
        return new Vdso(Executable.read(ByteSource.of(image(pid)), NAME));
    }

    /** The bytes of the image in our own memory: an ELF file. */
    public static byte[] image() throws IOException {
        return image(Math.toIntExact(ProcessHandle.current().pid()));
    }

    private static byte[] image(int pid) throws IOException {
        for (MemoryMapping mapping : ProcessMaps.read(pid).mappings()) {
            if (mapping.path().equals(NAME)) {
                return memory(pid, mapping);
            }
        }
        throw new IOException("process " + pid + " has no [vdso] mapping");
    }

    /** Reads the image out of our own memory. */
    public static Vdso ofThisProcess() throws IOException {
        return read(Math.toIntExact(ProcessHandle.current().pid()));
    }

    private static byte[] memory(int pid, MemoryMapping mapping) throws IOException {
        int length = (int) Math.min(MAX_BYTES, mapping.end() - mapping.start());
        ByteBuffer buffer = ByteBuffer.allocate(length);
        Path memory = Path.of("/proc/" + pid + "/mem");
        try (FileChannel channel = FileChannel.open(memory, StandardOpenOption.READ)) {
            while (buffer.hasRemaining()
                    && channel.read(buffer, mapping.start() + buffer.position()) > 0) {
                // until the image is whole
            }
        }
        return buffer.array();
    }

    /** The function at an offset from the start of the mapping. */
    public Frame frame(long offset) {
        Executable known = image;
        if (known != null) {
            OptionalLong address = known.virtualAddress(offset);
            if (address.isPresent()) {
                return known.frame(address.getAsLong());
            }
        }
        String name = NAME + "+0x" + Long.toHexString(offset);
        return new Frame(name, "", 0, NAME, "", offset, FrameKind.NATIVE, false);
    }

    /** Number of functions that are known. */
    public int size() {
        Executable known = image;
        return known == null ? 0 : known.symbolCount();
    }
}
