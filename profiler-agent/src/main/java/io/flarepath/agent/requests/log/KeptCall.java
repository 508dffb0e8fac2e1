package io.flarepath.agent.requests.log;

import io.flarepath.agent.requests.named.NamedCall;

/**
 * A call that is told of.
 *
 * @param named the call
 * @param reason why
 * @param thread name of the thread that read or wrote the request, or empty
 */
public record KeptCall(NamedCall named, KeptReason reason, String thread) {}
