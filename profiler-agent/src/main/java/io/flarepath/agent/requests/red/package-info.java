/** Rate, errors and durations: calls summed up by what they were, for a window of 10 s. */
@NullMarked
package io.flarepath.agent.requests.red;

import org.jspecify.annotations.NullMarked;
