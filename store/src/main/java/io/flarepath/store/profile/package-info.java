/** A decoded profile as it is handed to the store: labels, type, frames, stacks, values. */
@NullMarked
package io.flarepath.store.profile;

import org.jspecify.annotations.NullMarked;
