/** Drops what is too old, and what nobody refers to any more. */
@NullMarked
package io.flarepath.store.retention;

import org.jspecify.annotations.NullMarked;
