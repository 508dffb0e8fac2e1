package io.flarepath.symbolizer.live.hotspot;

/**
 * A field of a structure of the VM.
 *
 * @param offset from the start of the structure, or -1 if the VM has no such field
 * @param bytes its width: 1, 2, 4 or 8; 0 where it is a structure
 * @param signed whether it is a signed number
 */
record VmField(int offset, int bytes, boolean signed) {
    static final VmField ABSENT = new VmField(-1, 0, false);

    boolean exists() {
        return offset >= 0;
    }

    /** Where the field ends within its structure. */
    int end() {
        return offset + Math.max(bytes, 1);
    }

    /** Its value in a structure that begins at an index of bytes that were read. */
    long in(byte[] structure) throws UnreadableException {
        if (bytes == 0 || offset < 0 || offset > structure.length - bytes) {
            throw new UnreadableException("a field lies outside of what was read");
        }
        return MemoryReader.number(structure, offset, bytes, signed);
    }

    /** Its value in the structure at an address. */
    long at(MemoryReader reader, long address) throws UnreadableException {
        if (bytes == 0 || offset < 0) {
            throw new UnreadableException("no such field");
        }
        return reader.number(address + offset, bytes, signed);
    }
}
