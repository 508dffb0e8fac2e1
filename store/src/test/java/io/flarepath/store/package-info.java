/** Tests of the store as a whole. */
@NullMarked
package io.flarepath.store;

import org.jspecify.annotations.NullMarked;
