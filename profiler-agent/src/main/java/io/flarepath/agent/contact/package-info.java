/**
 * The agent's one conversation with the server: a long poll that carries state and counters up and
 * configuration down.
 */
@NullMarked
package io.flarepath.agent.contact;

import org.jspecify.annotations.NullMarked;
