/** The bytes of connections: segments as they were seen, put in order and cut into messages. */
@NullMarked
package io.flarepath.agent.requests.stream;

import org.jspecify.annotations.NullMarked;
