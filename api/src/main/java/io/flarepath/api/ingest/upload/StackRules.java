package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Limits;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;

/** How deep a stack may be, and what becomes of one that is deeper. */
public final class StackRules {
    private final int kept;
    private final int refused;
    private final Frame marker;

    /** The rules under the configured limits. */
    public StackRules(Limits limits) {
        this.kept = limits.stackFrames();
        this.refused = limits.stackRefused();
        this.marker =
                new Frame(
                        "[truncated at " + kept + " frames]",
                        "",
                        0,
                        "",
                        "",
                        0,
                        FrameKind.ERROR,
                        false);
    }

    /** Frames of a stack that are kept. */
    public int kept() {
        return kept;
    }

    /** Most frames that a stack may have to be taken at all. */
    public int refused() {
        return refused;
    }

    /** Stands at the root end of a stack that was cut. */
    public Frame marker() {
        return marker;
    }

    /**
     * Checks a depth.
     *
     * @throws ApiError 400 when a stack of so many frames is not taken
     */
    public void check(long depth) {
        if (depth > refused) {
            throw ApiError.invalid(
                    "a stack has "
                            + depth
                            + " frames, the limit is "
                            + refused
                            + " (setting limits.stack-refused)");
        }
    }
}
