/** Tests. */
@NullMarked
package io.flarepath.store.chunk;

import org.jspecify.annotations.NullMarked;
