package io.flarepath.store.engine;

/** A key space of its own. The names lie on disk. */
public enum Family {
    /** Format version and dense ids of tenants, services and types. */
    META("default"),
    /** Series: ids to labels. */
    SERIES("series"),
    /** In which windows a series has profiles of which type. */
    PRESENCE("presence"),
    /** Dictionaries: strings, functions, frames, nodes, stacks. */
    DICTIONARY("dictionary"),
    /** Ids of uploads that were stored. */
    UPLOADS("uploads"),
    /** Profiles, each by itself, until their window is over. */
    PROFILES("profiles"),
    /** Which profiles a finished window holds. */
    MEMBERS("members"),
    /** How the sums of a finished window spread over its profiles. */
    DETAIL("detail"),
    /** Sums by stack, at every level. */
    ROLLUP("rollup"),
    /** What profiles have of single spans, for a short time. */
    EXEMPLARS("exemplars"),
    /** When, and in which threads, samples of profiles were taken, for a shorter time still. */
    FINE("fine"),
    /** In which longer stretches of time a series has profiles of which type. */
    SPANS("spans"),
    /** Series of metrics: ids to labels. */
    METRIC_SERIES("metric-series"),
    /** In which windows a series has which metrics. */
    METRIC_PRESENCE("metric-presence"),
    /** In which longer stretches of time a series has which metrics. */
    METRIC_SPANS("metric-spans"),
    /** Points of metrics, each by itself, until their window is over. */
    METRIC_POINTS("metric-points"),
    /** Points of a finished window, by slot. */
    METRIC_SLOTS("metric-slots"),
    /** Sums of metrics, at every level. */
    METRIC_SUMS("metric-sums"),
    /** What counters that only grow stood at last. */
    METRIC_STANDS("metric-stands"),
    /** Calls as they came, for a short time. */
    CALL_PARTS("call-parts"),
    /** Calls, in larger blocks. */
    CALLS("calls"),
    /** What is looked at before a block of calls is fetched. */
    CALL_INDEX("call-index"),
    /** Files with profiles that were uploaded to be looked at. */
    PROFILE_FILES("profile-files");

    private final String storedName;

    Family(String storedName) {
        this.storedName = storedName;
    }

    /**
     * Whether the values of a family, by its name on disk, are packed by us so well that to pack
     * whole blocks of them, keys and heads too, saves nothing.
     */
    public static boolean isPacked(String storedName) {
        return storedName.equals(PROFILES.storedName)
                || storedName.equals(DETAIL.storedName)
                || storedName.equals(EXEMPLARS.storedName)
                || storedName.equals(FINE.storedName)
                || storedName.equals(CALL_PARTS.storedName)
                || storedName.equals(CALLS.storedName);
    }

    /**
     * Whether a family, by its name on disk, holds profiles, metrics, calls, or what is made of
     * them.
     */
    public static boolean isLarge(String storedName) {
        return isPacked(storedName)
                || storedName.equals(MEMBERS.storedName)
                || storedName.equals(ROLLUP.storedName)
                || storedName.equals(METRIC_POINTS.storedName)
                || storedName.equals(METRIC_SLOTS.storedName)
                || storedName.equals(METRIC_SUMS.storedName)
                || storedName.equals(CALL_INDEX.storedName);
    }

    /** The name on disk. */
    public String storedName() {
        return storedName;
    }
}
