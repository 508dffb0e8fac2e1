/** Drains samples and process events, names the stacks, and folds them into windows. */
@NullMarked
package io.flarepath.agent.samples;

import org.jspecify.annotations.NullMarked;
