/** What can be known from an executable file alone: its symbols, its identity, its language. */
@NullMarked
package io.flarepath.symbolizer.binary;

import org.jspecify.annotations.NullMarked;
