package io.flarepath.agent.contact;

/**
 * What does not change while the agent runs.
 *
 * @param node the name of the machine
 * @param version of the agent
 * @param kernel release of the kernel
 * @param frequencyHz samples a second on each CPU
 * @param startedMillis when the agent started, milliseconds since 1970
 */
public record AgentIdentity(
        String node, String version, String kernel, int frequencyHz, long startedMillis) {}
