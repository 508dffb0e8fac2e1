package io.flarepath.agent.unwind;

/** Rows of mappings that belong to one process: a header, and one for each mapping. */
final class MappingBlock {
    private final int header;
    private final int rows;
    private final int count;
    private final long generation;

    /** Walks in a row that ended at an address in no mapping. */
    int ledNowhere;

    MappingBlock(int header, int rows, int count, long generation) {
        this.header = header;
        this.rows = rows;
        this.count = count;
        this.generation = generation;
    }

    /** Number of its header row. */
    int header() {
        return header;
    }

    /** Rows that are set aside for it, the header included. */
    int rows() {
        return rows;
    }

    /** Number of its first mapping's row. */
    int first() {
        return header + 1;
    }

    /** Mappings in it. */
    int count() {
        return count;
    }

    /** No other block has had it. */
    long generation() {
        return generation;
    }
}
