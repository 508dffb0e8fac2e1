package io.flarepath.store.query;

import io.flarepath.store.profile.SampledThread;
import java.util.Set;

/**
 * Which threads are asked for: some by their numbers, some by their names; all where neither is
 * given.
 *
 * @param ids numbers of threads in their processes
 * @param names names of threads
 */
public record ThreadSelection(Set<Long> ids, Set<String> names) {

    /** Keeps copies. */
    public ThreadSelection {
        ids = Set.copyOf(ids);
        names = Set.copyOf(names);
    }

    /** Whether a thread is asked for. */
    public boolean holds(SampledThread thread) {
        return (ids.isEmpty() && names.isEmpty())
                || ids.contains(thread.id())
                || names.contains(thread.name());
    }
}
