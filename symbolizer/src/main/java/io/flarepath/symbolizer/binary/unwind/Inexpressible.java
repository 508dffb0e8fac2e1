package io.flarepath.symbolizer.binary.unwind;

/**
 * A row of call frame information that no rule expresses.
 *
 * @param start ELF virtual address
 * @param end address behind its range
 * @param row what it says
 */
public record Inexpressible(long start, long end, String row) {}
