package io.flarepath.store.dictionary;

/** How much of everything a dictionary holds; the next numbers, too. */
record Counts(int strings, int functions, int frames, int nodes, int stacks) {
    /** An empty dictionary: the root alone. */
    static final Counts NONE = new Counts(0, 0, 0, 1, 0);
}
