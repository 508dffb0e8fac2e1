package io.flarepath.symbolizer.binary.unwind;

/**
 * Layout of a table of unwind rules, version 1. All numbers are little-endian; the file is written
 * once and then only read, mapped.
 *
 * <pre>
 * header, 64 bytes
 *   0   u64 magic "FLRUNWD\0"         8   u32 version
 *   12  u32 flags                     16  u64 bytes of the file
 *   24  u64 first page                32  u32 pages
 *   36  u32 rows                      40  u32 rules
 *   44  u32 bytes of the identity     48  u32 CRC-32 of the file, this number taken as zero
 *   52  zero
 * first rows: u32 for each page, and one more: the number of rows
 * rows, 4 bytes: u16 lower bits of the address from which on the rule holds, u16 rule
 * rules, 12 bytes: struct unwind_rule of unwind.h; rule 0 is UNKNOWN
 * identity of the executable, UTF-8
 * </pre>
 *
 * A page is 64 KiB of ELF virtual addresses, its number the address without the lower 16 bits. Rows
 * of a page are sorted, the first one starts at 0. A page without rows has no code.
 */
final class UnwindTableLayout {
    static final long MAGIC = 0x0044574e_55524c46L;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 64;
    static final int ROW_BYTES = 4;

    static final int VERSION_AT = 8;
    static final int FLAGS_AT = 12;
    static final int BYTES_AT = 16;
    static final int PAGE_BASE_AT = 24;
    static final int PAGES_AT = 32;
    static final int ROWS_AT = 36;
    static final int RULES_AT = 40;
    static final int IDENTITY_BYTES_AT = 44;
    static final int CRC_AT = 48;

    /** Set if rules were found; else the frame pointer is all there is. */
    static final int HAS_RULES = 1;

    static final int MAX_ROWS = 12 << 20;
    static final int MAX_RULES = 0xffff;
    static final int MAX_IDENTITY_BYTES = 1024;
    static final long MAX_BYTES = 64 << 20;

    private UnwindTableLayout() {}
}
