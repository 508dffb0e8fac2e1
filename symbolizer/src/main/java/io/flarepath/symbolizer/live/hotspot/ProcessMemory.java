package io.flarepath.symbolizer.live.hotspot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Memory of a process by {@code /proc/PID/mem} (proc_pid_mem(5)).
 *
 * <p>The descriptor belongs to the address space that the process had when it was opened, not to
 * the pid: after an exec, an exit, or a reuse of the pid nothing more can be read, and never the
 * memory of another program. Safe for use by several threads, none of which may be interrupted
 * while it reads: that closes the descriptor, as it does with every FileChannel.
 */
public final class ProcessMemory implements TargetMemory, AutoCloseable {
    private final FileChannel channel;

    private ProcessMemory(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens the memory of a process.
     *
     * @throws IOException if there is no such process, or its memory may not be read
     */
    public static ProcessMemory open(int pid) throws IOException {
        Path memory = Path.of("/proc/" + pid + "/mem");
        return new ProcessMemory(FileChannel.open(memory, StandardOpenOption.READ));
    }

    @Override
    public int read(long address, byte[] to, int offset, int length) {
        // Positions above 2^63 are the kernel's half: FileChannel would refuse them.
        if (address <= 0 || length <= 0) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.wrap(to, offset, length);
        int done = 0;
        try {
            // The kernel stops at the first page that is not there.
            while (done < length) {
                int count = channel.read(buffer, address + done);
                if (count <= 0) {
                    break;
                }
                done += count;
            }
        } catch (IOException e) {
            // not mapped, not readable, or gone: what was read before counts
        }
        return done;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
