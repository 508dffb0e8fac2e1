/** What requests and the network may take of the machine, and what is given up when it is more. */
@NullMarked
package io.flarepath.agent.budget;

import org.jspecify.annotations.NullMarked;
