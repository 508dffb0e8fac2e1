/** The agent's process: puts its parts together and runs them. */
@NullMarked
package io.flarepath.agent;

import org.jspecify.annotations.NullMarked;
