/**
 * Unary calls of a service over the protocols in which Connect's and gRPC's clients make them: a
 * message goes in, one comes back.
 */
@NullMarked
package io.flarepath.api.server.rpc;

import org.jspecify.annotations.NullMarked;
