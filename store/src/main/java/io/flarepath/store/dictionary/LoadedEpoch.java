package io.flarepath.store.dictionary;

/**
 * One epoch as it was read.
 *
 * @param nextSequence number of the next piece
 * @param pieces how many there were
 * @param whole whether all of them could be read
 */
record LoadedEpoch(int epoch, Dictionary dictionary, int nextSequence, int pieces, boolean whole) {}
