/** All that is known of a binary, from wherever it is found, made into one symbol file. */
@NullMarked
package io.flarepath.symbolizer.binary.compile;

import org.jspecify.annotations.NullMarked;
