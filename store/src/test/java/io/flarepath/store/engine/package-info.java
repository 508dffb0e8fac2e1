/** Tests. */
@NullMarked
package io.flarepath.store.engine;

import org.jspecify.annotations.NullMarked;
