package io.flarepath.store;

import java.util.List;

/**
 * What lies where in a store. Sizes are those of keys and values, before the engine's own packing.
 *
 * @param families all tenants' together, in the order of the engine
 * @param levels sums of the tenant by length of time, those of series that agree in labels once
 *     more by themselves, metrics, profiles that lie each by itself, and calls
 * @param services services of the tenant, in order of their names
 */
public record StoreContents(List<Family> families, List<Part> levels, List<Service> services) {

    /**
     * One family of keys.
     *
     * @param name name on disk
     * @param values number of keys
     * @param bytes size of keys and values
     */
    public record Family(String name, long values, long bytes) {}

    /**
     * Values of one kind.
     *
     * @param name {@code profiles}, {@code 10 minutes}, {@code 2 hours}, {@code day}, {@code day by
     *     namespace}, {@code calls}
     * @param values how many
     * @param rows stacks with a value in them, or calls, together; of metrics, slots
     * @param bytes size of keys and values
     */
    public record Part(String name, long values, long rows, long bytes) {}

    /**
     * One service.
     *
     * @param name value of {@code service_name}
     * @param series how many it has
     * @param rows stacks with a value in sums of windows and in single profiles
     * @param bytes size of keys and values of profiles, lists, spreads and sums
     * @param dictionaryBytes size of its dictionary as stored
     * @param nodes nodes of the trie, all epochs together
     * @param stacks distinct stacks, all epochs together
     */
    public record Service(
            String name,
            long series,
            long rows,
            long bytes,
            long dictionaryBytes,
            long nodes,
            long stacks) {}
}
