/** How numbers, texts and whole values are laid out in bytes. Knows nothing of what they mean. */
@NullMarked
package io.flarepath.store.encoding;

import org.jspecify.annotations.NullMarked;
