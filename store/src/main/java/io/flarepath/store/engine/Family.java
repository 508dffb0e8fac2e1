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
    /** Profiles. */
    PROFILES("profiles");

    private final String storedName;

    Family(String storedName) {
        this.storedName = storedName;
    }

    /** Whether the values of a family, by its name on disk, are packed by us and not again. */
    public static boolean isPacked(String storedName) {
        return storedName.equals(PROFILES.storedName);
    }

    /** The name on disk. */
    public String storedName() {
        return storedName;
    }
}
