package io.flarepath.agent.requests.message;

import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Role;

/**
 * A request with its answer, and whose it was.
 *
 * @param connection over which it went
 * @param role whether the process asked or answered
 * @param exchange what was said
 */
public record Call(ConnectionKey connection, Role role, Exchange exchange) {}
