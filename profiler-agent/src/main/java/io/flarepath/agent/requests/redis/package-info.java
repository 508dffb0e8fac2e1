/** Redis: RESP 2 and 3 (redis.io/docs/latest/develop/reference/protocol-spec). */
@NullMarked
package io.flarepath.agent.requests.redis;

import org.jspecify.annotations.NullMarked;
