/** What the kernel sums up of TCP and UDP becomes points of metrics. */
@NullMarked
package io.flarepath.agent.network;

import org.jspecify.annotations.NullMarked;
