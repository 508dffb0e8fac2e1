/** Rules that lead from a frame to its caller's: read from a binary, kept in a compact table. */
@NullMarked
package io.flarepath.symbolizer.binary.unwind;

import org.jspecify.annotations.NullMarked;
