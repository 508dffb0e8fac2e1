package io.flarepath.symbolizer.live.hotspot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Checked little-endian reads of a {@link TargetMemory}. */
final class MemoryReader {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int STRING_CHUNK = 64;

    /** Below it nothing is mapped; above it is not user memory (x86-64, arm64). */
    private static final long FIRST_ADDRESS = 4096;

    private final TargetMemory memory;
    private final byte[] word = new byte[8];

    MemoryReader(TargetMemory memory) {
        this.memory = memory;
    }

    /** Bytes, all of them. */
    byte[] bytes(long address, int length) throws UnreadableException {
        byte[] bytes = new byte[length];
        fill(address, bytes, length);
        return bytes;
    }

    /** As many bytes as there are, {@code to.length} at most. */
    int some(long address, byte[] to) {
        if (address < FIRST_ADDRESS) {
            return 0;
        }
        return Math.clamp(memory.read(address, to, 0, to.length), 0, to.length);
    }

    private void fill(long address, byte[] to, int length) throws UnreadableException {
        // The upper half of the address space is negative.
        if (address < FIRST_ADDRESS || memory.read(address, to, 0, length) < length) {
            throw new UnreadableException(
                    length + " bytes at 0x" + Long.toHexString(address) + " cannot be read");
        }
    }

    /** A number of 1, 2, 4 or 8 bytes. */
    long number(long address, int bytes, boolean signed) throws UnreadableException {
        fill(address, word, bytes);
        return number(word, 0, bytes, signed);
    }

    long pointer(long address) throws UnreadableException {
        fill(address, word, 8);
        return (long) LONGS.get(word, 0);
    }

    int u8(long address) throws UnreadableException {
        fill(address, word, 1);
        return word[0] & 0xff;
    }

    /** A number that stands in bytes which were read before; the caller has checked the range. */
    static long number(byte[] from, int at, int bytes, boolean signed) {
        return switch (bytes) {
            case 1 -> signed ? from[at] : from[at] & 0xff;
            case 2 -> {
                short value = (short) SHORTS.get(from, at);
                yield signed ? value : value & 0xffff;
            }
            case 4 -> {
                int value = (int) INTS.get(from, at);
                yield signed ? value : value & 0xffffffffL;
            }
            default -> (long) LONGS.get(from, at);
        };
    }

    static int i32(byte[] from, int at) {
        return (int) INTS.get(from, at);
    }

    static long i64(byte[] from, int at) {
        return (long) LONGS.get(from, at);
    }

    /** A C string of printable ASCII, {@code most} characters at most. */
    String cString(long address, int most) throws UnreadableException {
        byte[] chunk = new byte[STRING_CHUNK];
        StringBuilder text = new StringBuilder();
        while (text.length() <= most) {
            int count = some(address + text.length(), chunk);
            if (count == 0) {
                break;
            }
            for (int i = 0; i < count; i++) {
                if (chunk[i] == 0) {
                    return text.append(new String(chunk, 0, i, StandardCharsets.US_ASCII))
                            .toString();
                }
                if (chunk[i] < ' ' || chunk[i] == 0x7f) {
                    throw new UnreadableException("no text at 0x" + Long.toHexString(address));
                }
            }
            text.append(new String(chunk, 0, count, StandardCharsets.US_ASCII));
        }
        throw new UnreadableException("no text at 0x" + Long.toHexString(address));
    }
}
