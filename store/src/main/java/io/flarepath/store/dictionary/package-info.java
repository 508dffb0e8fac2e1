/**
 * The dictionary of one service: strings, functions, frames, a trie of nodes and dense numbers of
 * stacks, all append-only. A stack of a profile is one number; to merge profiles is to add vectors.
 */
@NullMarked
package io.flarepath.store.dictionary;

import org.jspecify.annotations.NullMarked;
