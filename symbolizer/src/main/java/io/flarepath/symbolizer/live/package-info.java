/** What only the running machine knows: kernel symbols, mappings, perf maps, the vDSO. */
@NullMarked
package io.flarepath.symbolizer.live;

import org.jspecify.annotations.NullMarked;
