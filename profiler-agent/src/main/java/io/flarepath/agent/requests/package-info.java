/**
 * Requests that processes ask and answer, from the bytes of their connections. Nothing feeds it
 * yet: the programs that see these bytes in the kernel are not written.
 */
@NullMarked
package io.flarepath.agent.requests;

import org.jspecify.annotations.NullMarked;
