/**
 * What a HotSpot JVM knows of its own code, read from outside out of its memory: no attach, no
 * flag, no file. Everything that is read is taken to be hostile.
 */
@NullMarked
package io.flarepath.symbolizer.live.hotspot;

import org.jspecify.annotations.NullMarked;
