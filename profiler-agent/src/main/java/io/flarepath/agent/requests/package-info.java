/** Requests that processes ask and answer, from the bytes of their connections. */
@NullMarked
package io.flarepath.agent.requests;

import org.jspecify.annotations.NullMarked;
