/** HTTP/2 (RFC 9113) with HPACK (RFC 7541), and gRPC over it. */
@NullMarked
package io.flarepath.agent.requests.http2;

import org.jspecify.annotations.NullMarked;
