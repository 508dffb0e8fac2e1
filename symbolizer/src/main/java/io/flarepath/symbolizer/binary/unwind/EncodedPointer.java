package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;

/** Addresses as {@code .eh_frame} encodes them (LSB core, section 10.5.1: DW_EH_PE). */
final class EncodedPointer {
    static final int ABSOLUTE = 0x00;
    static final int OMITTED = 0xff;
    private static final int FORMAT = 0x0f;
    private static final int APPLICATION = 0x70;
    private static final int INDIRECT = 0x80;
    private static final int PC_RELATIVE = 0x10;
    private static final int DATA_RELATIVE = 0x30;
    private static final int ALIGNED = 0x50;

    private EncodedPointer() {}

    /**
     * Reads an address.
     *
     * @param sectionAddress ELF virtual address of the cursor's position 0
     * @param dataBase to which data-relative ones relate
     * @throws MalformedBinaryException if the encoding needs the running program
     */
    static long read(Cursor cursor, int encoding, long sectionAddress, long dataBase)
            throws IOException {
        if ((encoding & INDIRECT) != 0) {
            throw unreadable(encoding);
        }
        long base =
                switch (encoding & APPLICATION) {
                    case ABSOLUTE -> 0;
                    case PC_RELATIVE -> sectionAddress + cursor.position();
                    case DATA_RELATIVE -> dataBase;
                    default -> throw unreadable(encoding);
                };
        return base + value(cursor, encoding);
    }

    /** Reads a number in the format of an encoding, relative to nothing. */
    static long value(Cursor cursor, int encoding) throws IOException {
        return switch (encoding & FORMAT) {
            case 0x00, 0x04, 0x0c -> cursor.i64();
            case 0x01 -> cursor.uleb();
            case 0x02 -> cursor.u16();
            case 0x03 -> cursor.u32();
            case 0x09 -> cursor.sleb();
            case 0x0a -> (short) cursor.u16();
            case 0x0b -> (int) cursor.u32();
            default -> throw unreadable(encoding);
        };
    }

    /** Passes over an address of any encoding. */
    static void skip(Cursor cursor, int encoding, long sectionAddress) throws IOException {
        if (encoding == OMITTED) {
            return;
        }
        if ((encoding & APPLICATION) == ALIGNED) {
            cursor.skip(-(sectionAddress + cursor.position()) & 7);
            cursor.skip(8);
        } else {
            value(cursor, encoding);
        }
    }

    private static MalformedBinaryException unreadable(int encoding) {
        return new MalformedBinaryException(
                "addresses of encoding 0x" + Integer.toHexString(encoding) + " are not read");
    }
}
