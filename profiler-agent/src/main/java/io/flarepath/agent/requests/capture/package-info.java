/** From what the kernel tells of connections to the calls that are summed up. */
@NullMarked
package io.flarepath.agent.requests.capture;

import org.jspecify.annotations.NullMarked;
