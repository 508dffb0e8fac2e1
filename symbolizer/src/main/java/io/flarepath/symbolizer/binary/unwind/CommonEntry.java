package io.flarepath.symbolizer.binary.unwind;

/**
 * A common information entry.
 *
 * @param codeFactor steps of addresses are multiples of it
 * @param dataFactor offsets are multiples of it
 * @param returnColumn DWARF number of the return address
 * @param encoding of addresses in its frame description entries ({@code DW_EH_PE_*})
 * @param augmented whether the length of augmentation data stands in each of them
 * @param signal whether they describe code to which signal handlers return
 * @param initial the first row of each of them
 */
record CommonEntry(
        long codeFactor,
        long dataFactor,
        long returnColumn,
        int encoding,
        boolean augmented,
        boolean signal,
        FrameState initial) {

    /** The column of a register; -1 if it is not followed. */
    int column(long register) {
        if (register == returnColumn) {
            return FrameState.RETURN_ADDRESS;
        }
        if (register == UnwindRule.RBP) {
            return FrameState.RBP;
        }
        return register == UnwindRule.RSP ? FrameState.RSP : -1;
    }
}
