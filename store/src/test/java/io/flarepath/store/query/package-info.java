/** Tests. */
@NullMarked
package io.flarepath.store.query;

import org.jspecify.annotations.NullMarked;
