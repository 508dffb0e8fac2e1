/** DWARF 2 to 5: functions, inlined calls, files and lines, read in windows. */
@NullMarked
package io.flarepath.symbolizer.binary.dwarf;

import org.jspecify.annotations.NullMarked;
