/** What the unwinder in the kernel is told: mappings of processes, rules of executables. */
@NullMarked
package io.flarepath.agent.unwind;

import org.jspecify.annotations.NullMarked;
