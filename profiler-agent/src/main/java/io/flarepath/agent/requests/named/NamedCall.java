package io.flarepath.agent.requests.named;

import io.flarepath.agent.requests.message.Call;

/**
 * A call, and the names that its process's caps leave it.
 *
 * @param call as it was seen
 * @param route template of its path; table, topic or name; empty if there is none
 * @param operation method, operation or type
 * @param peer address of the other end
 */
public record NamedCall(Call call, String route, String operation, String peer) {}
