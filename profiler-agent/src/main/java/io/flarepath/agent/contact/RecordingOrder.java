package io.flarepath.agent.contact;

import java.util.List;

/**
 * A recording that the server asks for. Nothing of it is checked yet.
 *
 * @param name by which agent and server speak of it
 * @param pid the JVM, 0 when the server does not say
 * @param seconds for how long, 0 when the server does not say
 * @param kinds names of what is to be recorded
 */
public record RecordingOrder(String name, int pid, int seconds, List<String> kinds) {}
