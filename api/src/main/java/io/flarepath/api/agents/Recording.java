package io.flarepath.api.agents;

import java.util.List;

/**
 * A recording that somebody ordered.
 *
 * @param name by which agent and service speak of it
 * @param node where it is made
 * @param pid the JVM, as the node numbers it
 * @param kinds what is recorded: cpu, wall, allocations, live, locks
 * @param seconds for how long
 * @param createdMillis when it was ordered, milliseconds since 1970
 * @param state ordered, recording, done or failed
 * @param message why it failed, or empty
 */
record Recording(
        String name,
        String node,
        int pid,
        List<String> kinds,
        int seconds,
        long createdMillis,
        String state,
        String message) {
    static final String ORDERED = "ordered";

    Recording with(String newState, String newMessage) {
        return new Recording(name, node, pid, kinds, seconds, createdMillis, newState, newMessage);
    }

    /** Whether the agent has something to do for it. */
    boolean isOpen() {
        return state.equals(ORDERED) || state.equals("recording");
    }
}
