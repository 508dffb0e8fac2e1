package io.flarepath.bpf;

/**
 * What had no room in the sums of the network since the start.
 *
 * @param overflows how often an edge had no sums of its own
 * @param lost sums and events that are in none
 * @param stateless sockets that the kernel could remember nothing of
 */
public record EdgeCounters(long overflows, long lost, long stateless) {}
