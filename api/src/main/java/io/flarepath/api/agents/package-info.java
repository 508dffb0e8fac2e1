/** What the service knows of the agents, and the long poll by which each of them holds on to it. */
@NullMarked
package io.flarepath.api.agents;

import org.jspecify.annotations.NullMarked;
