/** PostgreSQL's protocol version 3 (postgresql.org/docs/current/protocol.html). */
@NullMarked
package io.flarepath.agent.requests.postgres;

import org.jspecify.annotations.NullMarked;
