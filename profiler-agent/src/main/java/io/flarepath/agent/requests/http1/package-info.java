/** HTTP/1.0 and 1.1 (RFC 9112). */
@NullMarked
package io.flarepath.agent.requests.http1;

import org.jspecify.annotations.NullMarked;
