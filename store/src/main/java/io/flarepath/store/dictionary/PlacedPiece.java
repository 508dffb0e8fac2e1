package io.flarepath.store.dictionary;

/**
 * Where a piece of a dictionary lies.
 *
 * @param sequence its number in the epoch
 * @param from what came before it
 * @param bytes its length as it is stored
 */
record PlacedPiece(int sequence, Counts from, int bytes) {}
