/** Samples of a 10 s window, folded by resource, thread and stack. */
@NullMarked
package io.flarepath.agent.window;

import org.jspecify.annotations.NullMarked;
