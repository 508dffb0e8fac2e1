package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.SectionBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Finds the files into which a compiler or dwp moved most of the debug information. */
public interface SplitSource {
    /** There are none. */
    SplitSource NONE =
            new SplitSource() {
                @Override
                public @Nullable SectionBytes packageFile() {
                    return null;
                }

                @Override
                public @Nullable SectionBytes file(String name, String compDir) {
                    return null;
                }
            };

    /** The package of all split files ({@code .dwp}); null if there is none. */
    @Nullable SectionBytes packageFile() throws IOException;

    /**
     * One split file ({@code .dwo}); null if it cannot be found. The reader closes it.
     *
     * @param name as the program names it
     * @param compDir folder from which a relative name counts
     */
    @Nullable SectionBytes file(String name, String compDir) throws IOException;
}
