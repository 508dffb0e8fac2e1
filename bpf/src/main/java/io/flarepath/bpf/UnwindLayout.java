package io.flarepath.bpf;

/**
 * Layout of the memory that {@link UnwindMaps} gives, little endian: a mirror of {@code unwind.h},
 * which also says what each part means.
 *
 * <pre>
 *  rule       | kind:1 register:1 saved:1 returnRegister:1 offset:4 savedOffset:2 addend:2 |
 *  row        | low:2 rule:2 |
 *  page       | first:4 count:4 |
 *  executable | generation:4 state:4 firstPage:4 pageCount:4 pageBase:8 uses:8 |
 *  mapping    | start:8 end:8 bias:8 executable:4 kind:4 |
 *  code heap  | generation:4 segmentShift:4 start:8 segmentMap:8 names:8×3 barrier:8 header:4 |
 *             | 9 fields, each offset:2 bytes:1 isAddress:1 | 3 offsets:2 slot:2 barrierBytes:4 |
 * </pre>
 */
public final class UnwindLayout {
    /** Rules that there is room for; number 0 is the unknown one. */
    public static final int RULES = 32_768;

    /** Executables that there is room for. */
    public static final int EXECUTABLES = 4096;

    /** Pages of code that there is room for. */
    public static final int PAGES = 65_536;

    /** A page of code has 2 to the power of this many bytes. */
    public static final int PAGE_BITS = 16;

    /** An entry of a page's index is for 2 to the power of this many bytes of code. */
    public static final int INDEX_BITS = 10;

    /** Entries of the index that stands before the rows of a page, two bytes each. */
    public static final int INDEX_ENTRIES = 1 << (PAGE_BITS - INDEX_BITS);

    /** Rows that the index of a page takes. */
    public static final int INDEX_ROWS = INDEX_ENTRIES / 2;

    /** Rows of mappings that there is room for, headers included. */
    public static final int MAPPING_ROWS = 65_536;

    /** Rows that one process may have, its header included. */
    public static final int BLOCK_ROWS_MAX = 8192;

    /** Processes that there is room for. */
    public static final int PROCESSES = 16_384;

    /** Segments that can be made. */
    public static final int SEGMENTS = 40;

    /** Rows of a segment. */
    public static final int SEGMENT_ROWS = 1 << 18;

    /** Bytes of a segment. */
    public static final int SEGMENT_BYTES = SEGMENT_ROWS * 4;

    public static final int RULE_BYTES = 12;

    public static final int ROW_BYTES = 4;
    public static final int ROW_LOW = 0;
    public static final int ROW_RULE = 2;

    public static final int PAGE_BYTES = 8;
    public static final int PAGE_FIRST = 0;
    public static final int PAGE_COUNT = 4;

    public static final int EXECUTABLE_BYTES = 32;
    public static final int EXECUTABLE_GENERATION = 0;
    public static final int EXECUTABLE_STATE = 4;
    public static final int EXECUTABLE_FIRST_PAGE = 8;
    public static final int EXECUTABLE_PAGE_COUNT = 12;
    public static final int EXECUTABLE_PAGE_BASE = 16;
    public static final int EXECUTABLE_USES = 24;

    public static final int MAPPING_BYTES = 32;
    public static final int MAPPING_START = 0;
    public static final int MAPPING_END = 8;
    public static final int MAPPING_BIAS = 16;
    public static final int MAPPING_EXECUTABLE = 24;
    public static final int MAPPING_KIND = 28;

    /** State of an executable: its rules are not loaded. */
    public static final int ABSENT = 0;

    /** State of an executable: its rules are loaded. */
    public static final int LOADED = 1;

    /** State of an executable: it has no rules. */
    public static final int NO_RULES = 2;

    /** State of an executable: it has rules, and there is no room for them. */
    public static final int NO_ROOM = 3;

    /** Kind of a mapping: the executable says how. */
    public static final int MAPPED_FILE = 0;

    /** Kind of a mapping: code that no file describes. */
    public static final int MAPPED_CODE = 1;

    /** Kind of a mapping: something else may be mapped by the time of a sample. */
    public static final int MAPPED_VOLATILE = 2;

    /** Kind of a mapping: code that HotSpot generated; the executable is its code heap. */
    public static final int MAPPED_CODE_HEAP = 3;

    /** Code heaps that there is room for. */
    public static final int CODE_HEAPS = 1024;

    /** Number in place of a code heap's: its JVM is not known yet. */
    public static final int HEAP_STARTING = 1;

    /** Number in place of a code heap's: its JVM is not understood. */
    public static final int HEAP_REFUSED = 2;

    /** The first number that a code heap can have. */
    public static final int FIRST_CODE_HEAP = 3;

    /** Fields of a blob of code must lie in its first so many bytes. */
    public static final int BLOB_BYTES = 512;

    public static final int HEAP_BYTES = 112;
    public static final int HEAP_GENERATION = 0;
    public static final int HEAP_SEGMENT_SHIFT = 4;
    public static final int HEAP_START = 8;
    public static final int HEAP_SEGMENT_MAP = 16;
    public static final int HEAP_NMETHOD_NAME = 24;
    public static final int HEAP_NATIVE_NAME = 32;
    public static final int HEAP_INTERPRETER_NAME = 40;
    public static final int HEAP_RETURN_BARRIER = 48;
    public static final int HEAP_BLOCK_HEADER = 56;
    public static final int HEAP_NAME = 60;
    public static final int HEAP_SIZE = 64;
    public static final int HEAP_FRAME_SIZE = 68;
    public static final int HEAP_FRAME_COMPLETE = 72;
    public static final int HEAP_CODE_BEGIN = 76;
    public static final int HEAP_COMPILE_ID = 80;
    public static final int HEAP_ORIGINAL_PC = 84;
    public static final int HEAP_DEOPT_HANDLER = 88;
    public static final int HEAP_DEOPT_MH_HANDLER = 92;
    public static final int HEAP_CONST_METHOD = 96;
    public static final int HEAP_BYTECODES = 98;
    public static final int HEAP_BYTECODES_SIZE = 100;
    public static final int HEAP_BYTECODE_SLOT = 102;
    public static final int HEAP_RETURN_BARRIER_BYTES = 104;

    /** In a description of a field, behind its offset: its width. */
    public static final int FIELD_BYTES = 2;

    /** In a description of a field: whether it holds an address. */
    public static final int FIELD_IS_ADDRESS = 3;

    private UnwindLayout() {}
}
