package io.flarepath.agent.contact;

import java.util.List;
import java.util.Map;

/** Takes what comes down from the server. Called by the thread of the contact; must be quick. */
public interface ContactListener {
    /**
     * The server has new configuration for this agent.
     *
     * @param configuration keys as in the catalogue of settings, values as text; possibly empty
     * @return why it cannot be applied, or empty; it is told to the server
     */
    String configure(Map<String, String> configuration);

    /**
     * The server asks for recordings.
     *
     * @param recordings all that are not done yet; those that came before may come again
     * @return why they cannot be made, or empty; it is told to the server
     */
    String record(List<RecordingOrder> recordings);

    /** Whether recordings are made when they are asked for. */
    default boolean records() {
        return false;
    }

    /** What became of recordings since they were asked for; told to the server. */
    default List<RecordingReport> reports() {
        return List.of();
    }

    /** Refuses everything by name: nothing can be changed from the server yet. */
    ContactListener REFUSING =
            new ContactListener() {
                @Override
                public String configure(Map<String, String> configuration) {
                    return configuration.isEmpty()
                            ? ""
                            : "cannot change from the server: " + shown(configuration.keySet());
                }

                @Override
                public String record(List<RecordingOrder> recordings) {
                    return recordings.isEmpty()
                            ? ""
                            : "cannot record: "
                                    + shown(recordings.stream().map(RecordingOrder::name).toList());
                }

                private String shown(Iterable<String> names) {
                    String all = String.join(", ", names);
                    return all.length() <= 500 ? all : all.substring(0, 500);
                }
            };
}
