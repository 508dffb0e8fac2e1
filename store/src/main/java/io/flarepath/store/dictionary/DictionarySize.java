package io.flarepath.store.dictionary;

/**
 * How much is stored of a dictionary.
 *
 * @param bytes size of keys and values
 * @param nodes nodes of the trie, all epochs together
 * @param stacks distinct stacks, all epochs together
 */
public record DictionarySize(long bytes, long nodes, long stacks) {}
