package io.flarepath.symbolizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** ELF files of any content, for fuzzing. */
public final class SectionedElf {
    /** Where the file is loaded, all of it as code. */
    public static final long CODE = 0x1000;

    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final int SECTION = 64;
    private static final int PT_GNU_EH_FRAME = 0x6474e550;
    private static final int SHF_EXECINSTR = 4;

    private SectionedElf() {}

    /**
     * An ELF file with a segment of code, and sections of these names. The bytes are cut into the
     * sections, each piece after its length in two bytes. The first piece is what the loader's
     * header of call frames refers to.
     */
    public static byte[] of(String[] names, byte[] bytes) {
        int sections = names.length + 2;
        int sectionsAt = HEADER + 2 * SEGMENT;
        int dataAt = sectionsAt + SECTION * sections;
        StringBuilder strings = new StringBuilder("\0");
        int[] nameOffsets = new int[names.length];
        for (int i = 0; i < names.length; i++) {
            nameOffsets[i] = strings.length();
            strings.append(names[i]).append('\0');
        }
        byte[] stringBytes = strings.toString().getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer elf =
                ByteBuffer.allocate(dataAt + stringBytes.length + bytes.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        elf.putLong(32, HEADER).putLong(40, sectionsAt);
        elf.putShort(54, (short) SEGMENT).putShort(56, (short) 2).putShort(58, (short) SECTION);
        elf.putShort(60, (short) sections).putShort(62, (short) (sections - 1));
        elf.putInt(HEADER, 1).putInt(HEADER + 4, 5);
        elf.putLong(HEADER + 16, CODE).putLong(HEADER + 32, elf.capacity());
        elf.putLong(HEADER + 40, 1 << 20);
        int at = 0;
        for (int i = 0; i < names.length; i++) {
            int left = bytes.length - at;
            int length = left < 2 ? 0 : (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
            int start = Math.min(bytes.length, at + 2);
            length = i == names.length - 1 ? left : Math.min(length, bytes.length - start);
            length = Math.max(0, Math.min(length, bytes.length - start));
            int header = sectionsAt + SECTION * (i + 1);
            long offset = (long) dataAt + stringBytes.length + start;
            elf.putInt(header, nameOffsets[i]).putInt(header + 4, 1);
            elf.putLong(header + 8, names[i].startsWith(".plt") ? SHF_EXECINSTR : 0);
            elf.putLong(header + 16, CODE + offset).putLong(header + 24, offset);
            elf.putLong(header + 32, length);
            if (i == 0) {
                int segment = HEADER + SEGMENT;
                elf.putInt(segment, PT_GNU_EH_FRAME).putInt(segment + 4, 4);
                elf.putLong(segment + 8, offset).putLong(segment + 16, CODE + offset);
                elf.putLong(segment + 32, length).putLong(segment + 40, length);
            }
            at = start + length;
        }
        int header = sectionsAt + SECTION * (sections - 1);
        elf.putInt(header + 4, 3).putLong(header + 24, dataAt);
        elf.putLong(header + 32, stringBytes.length);
        elf.put(dataAt, stringBytes).put(dataAt + stringBytes.length, bytes);
        return elf.array();
    }
}
