/** Tests. */
@NullMarked
package io.flarepath.store.dictionary;

import org.jspecify.annotations.NullMarked;
