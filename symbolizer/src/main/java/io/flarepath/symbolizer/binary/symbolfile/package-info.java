/** Compact files of names, inlined calls, files and lines by address; written once, mapped. */
@NullMarked
package io.flarepath.symbolizer.binary.symbolfile;

import org.jspecify.annotations.NullMarked;
