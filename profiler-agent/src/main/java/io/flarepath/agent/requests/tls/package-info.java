/** Connections that are encrypted, and the files whose functions show what they carry. */
@NullMarked
package io.flarepath.agent.requests.tls;

import org.jspecify.annotations.NullMarked;
