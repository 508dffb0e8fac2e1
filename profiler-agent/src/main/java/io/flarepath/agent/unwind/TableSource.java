package io.flarepath.agent.unwind;

import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import org.jspecify.annotations.Nullable;

/** Where the unwind tables of executables come from; {@link UnwindFiles} is it. */
interface TableSource {
    /** How far the table of an executable is. */
    enum Progress {
        /** It is being made, or will be. */
        WAITING,
        /** It was made. */
        READY,
        /** There is none to be had, at least now. */
        NONE
    }

    /** How far the table of an executable is; must be quick. */
    Progress progress(String identity);

    /** Opens a table on the calling thread, which closes it; null if it is not there any more. */
    @Nullable UnwindTable open(String identity);

    /**
     * Stacks lead to an executable whose table is waited for.
     *
     * @param rate how often they do, compared to others
     */
    void wanted(String identity, double rate);
}
