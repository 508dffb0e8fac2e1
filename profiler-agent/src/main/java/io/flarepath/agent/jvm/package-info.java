/** JVMs that are sampled: what the kernel must know of them, and the names of their frames. */
@NullMarked
package io.flarepath.agent.jvm;

import org.jspecify.annotations.NullMarked;
