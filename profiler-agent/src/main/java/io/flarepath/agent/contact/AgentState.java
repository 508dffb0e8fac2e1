package io.flarepath.agent.contact;

import java.util.Locale;

/** What the agent is doing. */
public enum AgentState {
    STARTING,
    SAMPLING,
    /** It samples, but something is amiss; the reason says what. */
    DEGRADED,
    STOPPING;

    String json() {
        return name().toLowerCase(Locale.ROOT);
    }
}
