package io.flarepath.agent.window;

import java.util.List;

/** Takes the profiles of a window that has ended, to export them. */
public interface WindowSink {
    /**
     * Takes over one window. Must not block on the network; what cannot be kept is counted.
     *
     * @param profiles one a resource, none of them empty
     */
    void accept(List<WindowProfile> profiles);
}
