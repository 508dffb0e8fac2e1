package io.flarepath.store.retention;

import io.flarepath.store.chunk.ProfileKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** Tenants of which all goes at an age of their own: profiles, and sums of every level. */
public final class TenantAges {
    private final Map<String, Duration> ages;
    private final InstantSource clock;

    /** Ages by the name of the tenant. */
    public TenantAges(Map<String, Duration> ages, InstantSource clock) {
        this.ages = Map.copyOf(ages);
        this.clock = clock;
    }

    /** The tenants. */
    public Iterable<String> names() {
        return ages.keySet();
    }

    /**
     * The first window that is kept of a tenant, and that may be read: what is older may still lie
     * in a sum of a longer time.
     *
     * @return 0 for a tenant without an age of its own
     */
    public int firstWindow(String tenant) {
        Duration age = ages.get(tenant);
        if (age == null) {
            return 0;
        }
        long from = clock.instant().minus(age).getEpochSecond();
        return from <= 0 ? 0 : ProfileKey.windowOf(from * 1_000_000_000L);
    }
}
