/** Recordings of the JDK Flight Recorder and of async-profiler, read into samples with stacks. */
@NullMarked
package io.flarepath.symbolizer.jfr;

import org.jspecify.annotations.NullMarked;
