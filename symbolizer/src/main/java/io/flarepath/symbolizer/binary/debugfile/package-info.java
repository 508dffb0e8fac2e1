/** Separate debug files: where they lie, and what tells that they belong to a binary. */
@NullMarked
package io.flarepath.symbolizer.binary.debugfile;

import org.jspecify.annotations.NullMarked;
