/** Flame graphs in the formats of other tools: pprof, collapsed, speedscope, DOT. */
@NullMarked
package io.flarepath.api.query.export;

import org.jspecify.annotations.NullMarked;
