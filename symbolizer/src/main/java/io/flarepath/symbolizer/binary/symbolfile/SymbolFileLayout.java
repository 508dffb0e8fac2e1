package io.flarepath.symbolizer.binary.symbolfile;

/**
 * Layout of a symbol file, version 1. All numbers are little-endian; the file is written once and
 * then only read, mapped.
 *
 * <pre>
 * header, 128 bytes
 *   0   u64 magic "FLRSYMS\0"         8   u32 version
 *   12  u32 flags                     16  u64 bytes of the file
 *   24  u32 segments                  28  u32 functions
 *   32  u32 files                     36  u32 CRC-32 of all that follows the header
 *   40  u64 offset of the strings     48  u64 offset of the functions
 *   56  u64 offset of the files       64  u64 offset of the segments
 *   72  u32 offset of the identity among the strings
 *   76  zero
 * blocks, from offset 128 on; numbers are LEB128, zz: zigzag
 *   start address (u64), function, nodes n, rows m
 *   n - 1 times: parent node (less than its own), function, file of the call, line of the call
 *   m times: (address step &lt;&lt; 2) | (file changes) &lt;&lt; 1 | (node changes),
 *            zz node step if it changes, zz file step if it changes, zz line step
 * strings: LEB128 length, UTF-8; an offset counts from the start of the strings; 0 is empty
 * functions, 16 bytes: u32 name, u32 file, u32 line, u32 kind (0 native, 1 Go, 2 Rust)
 * files, 4 bytes: u32 string; file 0 is empty
 * segments, 20 bytes, by address, without overlap:
 *   u64 start address of each; then u32 length of each; then u64 offset of the block of each
 * </pre>
 *
 * A segment is the part of a block that no other one took.
 */
final class SymbolFileLayout {
    static final long MAGIC = 0x00534d59_53524c46L;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 128;
    static final int FUNCTION_BYTES = 16;

    static final int VERSION_AT = 8;
    static final int FLAGS_AT = 12;
    static final int BYTES_AT = 16;
    static final int SEGMENTS_AT = 24;
    static final int FUNCTIONS_AT = 28;
    static final int FILES_AT = 32;
    static final int CRC_AT = 36;
    static final int STRINGS_OFFSET_AT = 40;
    static final int FUNCTIONS_OFFSET_AT = 48;
    static final int FILES_OFFSET_AT = 56;
    static final int SEGMENTS_OFFSET_AT = 64;
    static final int IDENTITY_AT = 72;

    /** Set if lines are known, from DWARF or Go's tables. */
    static final int HAS_LINES = 1;

    static final int KIND_NATIVE = 0;
    static final int KIND_GO = 1;
    static final int KIND_RUST = 2;

    private SymbolFileLayout() {}
}
