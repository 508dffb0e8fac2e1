package io.flarepath.symbolizer.live.hotspot;

/** Symbols: strings of the VM in modified UTF-8 (JVMS 4.4.7) with their length before them. */
final class VmSymbols {
    /** Longer ones, which the format allows, are no names that anybody could read. */
    private static final int MAX_BYTES = 1 << 14;

    private static final int FIRST_READ = 128;

    private final MemoryReader reader;
    private final Layout layout;

    VmSymbols(MemoryReader reader, Layout layout) {
        this.reader = reader;
        this.layout = layout;
    }

    /** The text of the symbol at an address. */
    String read(long address) throws UnreadableException {
        // Most are short: length and text come with one read.
        byte[] first = new byte[layout.symbolBody + FIRST_READ];
        int count = reader.some(address, first);
        if (count <= layout.symbolBody) {
            throw new UnreadableException("no symbol");
        }
        int length = (int) layout.symbolLength.in(first);
        if (length > MAX_BYTES) {
            throw new UnreadableException("a symbol of " + length + " bytes");
        }
        if (layout.symbolBody + length <= count) {
            return decode(first, layout.symbolBody, length);
        }
        return decode(reader.bytes(address + layout.symbolBody, length), 0, length);
    }

    static String decode(byte[] bytes, int start, int length) throws UnreadableException {
        StringBuilder text = new StringBuilder(length);
        int end = start + length;
        for (int i = start; i < end; ) {
            int b = bytes[i++] & 0xff;
            if (b < 0x80) {
                if (b < ' ' || b == 0x7f) {
                    throw new UnreadableException("a symbol with control characters");
                }
                text.append((char) b);
            } else if (b >> 5 == 0b110) {
                text.append((char) ((b & 0x1f) << 6 | continuation(bytes, i, end)));
                i++;
            } else if (b >> 4 == 0b1110) {
                int high = continuation(bytes, i, end);
                text.append((char) ((b & 0xf) << 12 | high << 6 | continuation(bytes, i + 1, end)));
                i += 2;
            } else {
                throw new UnreadableException("a symbol that is not modified UTF-8");
            }
        }
        return text.toString();
    }

    private static int continuation(byte[] bytes, int at, int end) throws UnreadableException {
        if (at >= end || (bytes[at] & 0xc0) != 0x80) {
            throw new UnreadableException("a symbol that is not modified UTF-8");
        }
        return bytes[at] & 0x3f;
    }
}
