/** The call log: which single calls are told of, and what is told of them. */
@NullMarked
package io.flarepath.agent.requests.log;

import org.jspecify.annotations.NullMarked;
