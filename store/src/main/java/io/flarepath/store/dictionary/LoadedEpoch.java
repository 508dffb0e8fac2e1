package io.flarepath.store.dictionary;

import java.util.List;

/**
 * One epoch as it was read.
 *
 * @param nextSequence number of the next piece
 * @param pieces those that could be read, in order
 * @param whole whether all of them could be read
 */
record LoadedEpoch(
        int epoch,
        Dictionary dictionary,
        int nextSequence,
        List<PlacedPiece> pieces,
        boolean whole) {}
