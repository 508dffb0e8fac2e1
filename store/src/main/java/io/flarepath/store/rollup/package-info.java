/**
 * What becomes of windows that are over: one value for many profiles, and sums over longer time.
 */
@NullMarked
package io.flarepath.store.rollup;

import org.jspecify.annotations.NullMarked;
