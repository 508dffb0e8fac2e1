package io.flarepath.store;

/**
 * What became of a write.
 *
 * @param stored profiles that were new
 * @param duplicates profiles that had been stored before
 */
public record WriteResult(int stored, int duplicates) {}
