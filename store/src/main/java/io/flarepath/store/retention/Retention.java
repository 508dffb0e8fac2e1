package io.flarepath.store.retention;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import java.util.Set;

/** Retention by age: keys are time-first, so a pass drops ranges whatever lies in them. */
public final class Retention {
    private final Engine engine;
    private final SeriesIndex index;
    private final Dictionaries dictionaries;

    /** Retention over a store's parts. */
    public Retention(Engine engine, SeriesIndex index, Dictionaries dictionaries) {
        this.engine = engine;
        this.index = index;
        this.dictionaries = dictionaries;
    }

    /** Drops windows that ended before an instant, and what only they referred to. */
    public synchronized void dropBefore(long nanos) {
        int window = ProfileKey.windowOf(nanos);
        int first = index.firstWindow();
        if (first < 0 || first >= window) {
            return;
        }
        byte[] from = ProfileKey.first(0);
        byte[] until = ProfileKey.first(window);
        engine.dropRange(Family.PROFILES, from, until);
        engine.dropRange(Family.PRESENCE, from, until);
        for (TenantIndex tenant : index.tenants()) {
            dropUnused(tenant, window);
        }
    }

    private void dropUnused(TenantIndex tenant, int window) {
        Set<Integer> services = index.servicesWithBefore(tenant, window);
        for (int service : services) {
            // Under the writer's lock: nobody can come to refer to what is being removed.
            var dictionary = dictionaries.of(tenant.id(), service);
            dictionary.lock().lock();
            try {
                if (index.removeBefore(tenant, service, window)) {
                    dictionaries.remove(tenant.id(), service);
                }
            } finally {
                dictionary.lock().unlock();
            }
        }
    }
}
