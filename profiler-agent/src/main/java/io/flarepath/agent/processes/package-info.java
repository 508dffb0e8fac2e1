/** Follows the processes of this machine: who they are, and what code is mapped where. */
@NullMarked
package io.flarepath.agent.processes;

import org.jspecify.annotations.NullMarked;
