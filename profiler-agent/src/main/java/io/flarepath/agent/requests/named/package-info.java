/** Calls under the names by which they are summed up and told: routes, operations, peers. */
@NullMarked
package io.flarepath.agent.requests.named;

import org.jspecify.annotations.NullMarked;
