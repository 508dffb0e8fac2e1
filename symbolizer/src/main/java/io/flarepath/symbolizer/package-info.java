/**
 * What is known of code from a binary or a runtime: frames with names. Its parts: binary, jfr,
 * live.
 */
@NullMarked
package io.flarepath.symbolizer;

import org.jspecify.annotations.NullMarked;
