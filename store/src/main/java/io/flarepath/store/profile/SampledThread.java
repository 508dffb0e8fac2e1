package io.flarepath.store.profile;

/**
 * A thread that samples were taken of.
 *
 * @param id its number in its process, 0 when it is not known
 * @param name its name, or empty
 */
public record SampledThread(long id, String name) {}
