/**
 * Recordings of chosen JVMs by async-profiler: what sampling from outside cannot see. Nothing is
 * loaded into a JVM unless somebody asked for it.
 */
@NullMarked
package io.flarepath.agent.recordings;

import org.jspecify.annotations.NullMarked;
