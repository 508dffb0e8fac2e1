/** DNS (RFC 1035), over UDP and TCP. */
@NullMarked
package io.flarepath.agent.requests.dns;

import org.jspecify.annotations.NullMarked;
