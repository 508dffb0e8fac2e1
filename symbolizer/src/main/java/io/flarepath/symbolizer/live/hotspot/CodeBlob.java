package io.flarepath.symbolizer.live.hotspot;

/**
 * The header of a piece of code in a code heap, as it was when it was read.
 *
 * @param address of the blob
 * @param limit address behind the blocks that it has
 * @param header its first bytes: as many as an nmethod's header has, fewer at the end of memory
 * @param name what the VM calls its kind
 * @param nameAddress where that name stands
 * @param codeBegin address of its first instruction
 * @param size bytes of all of it
 */
record CodeBlob(
        long address,
        long limit,
        byte[] header,
        String name,
        long nameAddress,
        long codeBegin,
        int size) {
    static final String NMETHOD = "nmethod";
    static final String NATIVE_NMETHOD = "native nmethod";
    static final String INTERPRETER = "Interpreter";
    static final String STUB_ROUTINES = "StubRoutines";

    long end() {
        return address + size;
    }

    boolean isNmethod() {
        return name.equals(NMETHOD) || name.equals(NATIVE_NMETHOD);
    }

    /** Where the last frame of a virtual thread returns to while its callers are frozen. */
    boolean isContinuationStubs() {
        return name.startsWith(STUB_ROUTINES) && name.contains("ontinuation");
    }
}
