/** Pairs requests with their answers: by order, or by an id that both carry. */
@NullMarked
package io.flarepath.agent.requests.match;

import org.jspecify.annotations.NullMarked;
