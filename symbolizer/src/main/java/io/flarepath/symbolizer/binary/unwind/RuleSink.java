package io.flarepath.symbolizer.binary.unwind;

import java.io.IOException;

/** Takes the rules of a binary, in any order of addresses. */
public interface RuleSink {
    /**
     * A rule holds in a range of code. Where ranges overlap, the one that was handed over first
     * stays.
     *
     * @param start ELF virtual address of its first byte
     * @param end address behind its last
     * @throws MalformedBinaryException if there are more than a table may have
     */
    void rule(long start, long end, UnwindRule rule) throws IOException;
}
