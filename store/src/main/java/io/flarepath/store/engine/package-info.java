/**
 * Ordered keys and values in families: the little that the store asks of a storage engine, and
 * RocksDB behind it.
 */
@NullMarked
package io.flarepath.store.engine;

import org.jspecify.annotations.NullMarked;
