package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import java.util.List;

/**
 * Names for frames that were stored with an address alone. They are asked for while a tree is made,
 * and never stored: what is named today is named in profiles of last week as well, and with a
 * better debug file anew. Safe for many threads.
 */
@FunctionalInterface
public interface LateNames {
    /** Knows nothing. */
    LateNames NONE = (tenant, frame) -> List.of();

    /**
     * What runs at the address of a frame, which {@link Frame#canBeNamedLater()}.
     *
     * @return the innermost inlined call first, the function that holds the address last; empty
     *     when nothing is known, and the frame stays as it is
     */
    List<Frame> of(String tenant, Frame frame);
}
