package io.flarepath.api.query.connect;

import io.flarepath.api.query.export.Pgo;
import io.flarepath.api.server.ApiError;
import java.util.List;
import java.util.Set;

/**
 * types.v1.StackTraceSelector: which stacks are meant, and what may be left out of them. A selector
 * that is not known here is refused: without it the answer would be of other stacks than asked for.
 *
 * @param callSite only stacks that start with these functions; all when there are none
 * @param pgo what may be left out of a pprof
 */
record StackSelection(List<String> callSite, Pgo pgo) {
    /** Its name in the messages that have it. */
    static final String FIELD = "stackTraceSelector";

    private static final int MOST_FRAMES = 2_048;
    private static final StackSelection ALL = new StackSelection(List.of(), Pgo.NOTHING_LEFT_OUT);
    private static final Set<String> KNOWN = Set.of("callSite", "goPgo");

    /**
     * Reads the selector of a message.
     *
     * @throws ApiError 400 for one that breaks a rule, 501 for one that is not known here
     */
    static StackSelection of(ConnectRequest request) {
        ConnectRequest selector = request.message(FIELD);
        if (selector == null) {
            return ALL;
        }
        for (String field : selector.given()) {
            if (!KNOWN.contains(field)) {
                throw unknown(field);
            }
        }
        return new StackSelection(callSite(selector), pgo(selector));
    }

    /** The refusal of a field by its name, or its number. */
    static ApiError unknown(String field) {
        return new ApiError(
                501,
                "unimplemented",
                FIELD
                        + "."
                        + field
                        + " is not known here, and without it the answer would be of other stacks:"
                        + " callSite and goPgo are known");
    }

    /** Function names from the root down. */
    private static List<String> callSite(ConnectRequest selector) {
        List<ConnectRequest> frames = selector.messages("callSite");
        if (frames.size() > MOST_FRAMES) {
            throw ApiError.invalid("callSite has more than " + MOST_FRAMES + " frames");
        }
        return frames.stream().map(frame -> frame.required("name")).toList();
    }

    private static Pgo pgo(ConnectRequest selector) {
        ConnectRequest pgo = selector.message("goPgo");
        if (pgo == null) {
            return Pgo.NOTHING_LEFT_OUT;
        }
        long keep = pgo.number("keepLocations");
        if (keep < 0 || keep > MOST_FRAMES) {
            throw ApiError.invalid("keepLocations must be between 0 and " + MOST_FRAMES);
        }
        return new Pgo((int) keep, pgo.flag("aggregateCallees"));
    }

    /**
     * Refuses what shortens the stacks of a pprof where the answer is none.
     *
     * @throws ApiError 400
     */
    void checkWithoutPgo() {
        if (!pgo.equals(Pgo.NOTHING_LEFT_OUT)) {
            throw ApiError.invalid(
                    FIELD
                            + ".goPgo is for a pprof: SelectMergeProfile, or the format"
                            + " PROFILE_FORMAT_PPROF");
        }
    }
}
