package io.flarepath.agent.processes;

import java.util.SortedMap;

/** What profiles are kept apart by: one object for all processes with equal attributes. */
public final class Resource {
    private final int id;
    private final SortedMap<String, String> attributes;

    /**
     * @param id dense number, unlike that of any other resource of this run
     * @param attributes OpenTelemetry resource attributes
     */
    public Resource(int id, SortedMap<String, String> attributes) {
        this.id = id;
        this.attributes = attributes;
    }

    /** Its number. */
    public int id() {
        return id;
    }

    /** OpenTelemetry resource attributes, {@code service.name} among them. */
    public SortedMap<String, String> attributes() {
        return attributes;
    }
}
