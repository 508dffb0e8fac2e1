/** Values of profiles: rows of (stack, value) in columns, and the keys under which they lie. */
@NullMarked
package io.flarepath.store.chunk;

import org.jspecify.annotations.NullMarked;
