package io.flarepath.api.query.export;

/**
 * What a profile for Go's compiler may leave out: it looks at the edges near the leaves only.
 *
 * @param keepLocations locations that are kept of a stack, counted from the leaf; 0 keeps all
 * @param aggregateCallees whether the line of the leaf does not matter
 */
public record Pgo(int keepLocations, boolean aggregateCallees) {
    /** Everything. */
    public static final Pgo NOTHING_LEFT_OUT = new Pgo(0, false);

    /** What go-pgo of Pyroscope's command line asks for when nobody says otherwise. */
    public static final Pgo DEFAULT = new Pgo(5, true);
}
