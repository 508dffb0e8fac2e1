package io.flarepath.agent.jvm;

/**
 * A range of addresses that is a code heap, or may be one.
 *
 * @param start first address
 * @param end address behind the last that it can grow to
 * @param number of its description in the kernel's memory; {@link
 *     io.flarepath.bpf.UnwindLayout#HEAP_STARTING} and {@link
 *     io.flarepath.bpf.UnwindLayout#HEAP_REFUSED} where it has none
 */
public record HeapRange(long start, long end, int number) {}
