package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.util.zip.CRC32;

/**
 * Unpacks {@code .xz} files that have the one filter LZMA2
 * (https://tukaani.org/xz/xz-file-format.txt, version 1.1.0), which is what {@code .gnu_debugdata}
 * holds. In memory, with a bound; checks CRC-32 and CRC-64, and passes over SHA-256.
 */
final class XzDecoder {
    private static final long HEADER_MAGIC = 0x00005a587a37fdL;
    private static final int CHECK_CRC32 = 1;
    private static final int CHECK_CRC64 = 4;
    private static final long LZMA2 = 0x21;
    private static final long CRC64_POLYNOMIAL = 0xC96C5795D7870F42L;

    private final byte[] packed;
    private int position;
    private final LzmaOutput output;

    private XzDecoder(byte[] packed, int most) {
        this.packed = packed;
        this.output = new LzmaOutput(most);
    }

    /**
     * Unpacks a file.
     *
     * @param most bytes that it may have unpacked
     * @throws MalformedBinaryException if it is no such file, is damaged, or has more bytes
     */
    static byte[] decode(byte[] packed, int most) throws MalformedBinaryException {
        XzDecoder decoder = new XzDecoder(packed, most);
        try {
            decoder.stream();
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new MalformedBinaryException("the xz file is cut or damaged");
        }
        return decoder.output.toArray();
    }

    private void stream() throws MalformedBinaryException {
        if ((little(6) & 0xffff_ffff_ffffL) != HEADER_MAGIC) {
            throw new MalformedBinaryException("not an xz file");
        }
        int flags = position;
        position++;
        int check = next() & 15;
        checkCrc32(flags, 2);
        while (peek() != 0) {
            block(check);
        }
        // The index and the footer repeat what the blocks said.
    }

    private void block(int check) throws MalformedBinaryException {
        int header = position;
        int headerBytes = (peek() + 1) * 4;
        position++;
        int flags = next();
        if ((flags & 0x3f) != 0) {
            throw new MalformedBinaryException("xz files with several filters are not read");
        }
        if ((flags & 0x40) != 0) {
            number();
        }
        if ((flags & 0x80) != 0) {
            number();
        }
        long filter = number();
        long properties = number();
        if (filter != LZMA2 || properties != 1) {
            throw new MalformedBinaryException("the xz filter " + filter + " is not read");
        }
        position = header + headerBytes - 4;
        checkCrc32(header, headerBytes - 4);
        int start = output.size();
        int data = position;
        position = new Lzma2Decoder(packed, position, output).decode();
        position += -(position - data) & 3;
        check(check, start);
    }

    private void check(int check, int start) throws MalformedBinaryException {
        int bytes = check == 0 ? 0 : 4 << ((check - 1) / 3);
        int at = position;
        position += bytes;
        if (position > packed.length) {
            throw new MalformedBinaryException("the xz file is cut");
        }
        boolean right = true;
        if (check == CHECK_CRC32) {
            CRC32 crc = new CRC32();
            crc.update(output.bytes(), start, output.size() - start);
            position = at;
            right = crc.getValue() == little(4);
        } else if (check == CHECK_CRC64) {
            position = at;
            right = crc64(output.bytes(), start, output.size()) == little(8);
        }
        if (!right) {
            throw new MalformedBinaryException("the xz file is damaged: its checksum differs");
        }
    }

    private static long crc64(byte[] bytes, int start, int end) {
        long[] table = new long[256];
        for (int i = 0; i < table.length; i++) {
            long value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value >>> 1) ^ ((value & 1) != 0 ? CRC64_POLYNOMIAL : 0);
            }
            table[i] = value;
        }
        long crc = ~0L;
        for (int i = start; i < end; i++) {
            crc = table[(int) ((crc ^ bytes[i]) & 0xff)] ^ (crc >>> 8);
        }
        return ~crc;
    }

    /** The CRC-32 of bytes stands here. */
    private void checkCrc32(int start, int length) throws MalformedBinaryException {
        CRC32 crc = new CRC32();
        crc.update(packed, start, length);
        if (crc.getValue() != little(4)) {
            throw new MalformedBinaryException("a header of the xz file is damaged");
        }
    }

    private int peek() {
        return Byte.toUnsignedInt(packed[position]);
    }

    private int next() {
        return Byte.toUnsignedInt(packed[position++]);
    }

    private long little(int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) next() << (8 * i);
        }
        return value;
    }

    private long number() throws MalformedBinaryException {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            int b = next();
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new MalformedBinaryException("a number of the xz file has too many bytes");
    }
}
