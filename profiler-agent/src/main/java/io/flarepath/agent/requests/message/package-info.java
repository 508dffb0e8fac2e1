/** What is known of one request and its answer, whatever the protocol. */
@NullMarked
package io.flarepath.agent.requests.message;

import org.jspecify.annotations.NullMarked;
