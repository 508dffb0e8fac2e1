/** The tables that every Go program carries: functions, files, lines, inlined calls. */
@NullMarked
package io.flarepath.symbolizer.binary.pclntab;

import org.jspecify.annotations.NullMarked;
