package io.flarepath.store;

import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many series a tenant may have: each takes memory for as long as it is kept. Beyond that the
 * profiles of series that are not known yet count for one series of their service and profiler,
 * which says so by a label, and when there are too many of those, new services count for one. What
 * samples have of labels of their own goes first: there may be any number of those. Totals stay
 * exact, labels are lost.
 */
final class SeriesCap {
    /** The label that stands for all that was left out. */
    static final String LABEL = "overflow";

    /** Labels of samples make series until their service has this part of all. */
    private static final int PART_OF_A_SERVICE = 20;

    private static final String SERVICE = "service_name";
    private static final String PROFILER = "profiler";

    /** A client's word, too: all services together when there are too many. */
    static final String OTHER_SERVICES = "<overflow>";

    private final int most;
    private final AtomicLong folded = new AtomicLong();

    SeriesCap(int most) {
        this.most = most;
    }

    /** Profiles that were stored under fewer labels than they had. */
    long folded() {
        return folded.get();
    }

    void count(long profiles) {
        folded.addAndGet(profiles);
    }

    /** Whether a series more of what samples say would take what other series need. */
    private boolean isFull(TenantIndex tenant, Labels labels, int size, int fresh) {
        String service = labels.asMap().getOrDefault(SERVICE, "");
        return size >= most / 2
                || (tenant.knowsService(service)
                        && tenant.seriesOf(tenant.serviceId(service)) + fresh
                                >= Math.max(1, most / PART_OF_A_SERVICE));
    }

    /**
     * The labels under which a profile is stored.
     *
     * @param fresh how many new series there are in the same batch
     */
    Labels labels(TenantIndex tenant, Profile profile, int fresh) {
        Labels labels = profile.labels();
        int size = tenant.size() + fresh;
        boolean added = !labels.equals(profile.ownLabels()) && tenant.find(labels) == null;
        boolean full = added && isFull(tenant, labels, size, fresh);
        return labels(tenant, full ? profile.ownLabels() : labels, fresh);
    }

    /** The labels under which what has these labels is stored. */
    Labels labels(TenantIndex tenant, Labels labels, int fresh) {
        int size = tenant.size() + fresh;
        if (size < most || tenant.find(labels) != null) {
            return labels;
        }
        // Services and profilers are words of clients as well: of those that fold, too, there are
        // so many at most.
        boolean room = size < most + most / 4;
        String service = labels.asMap().getOrDefault(SERVICE, "");
        String profiler = labels.get(PROFILER);
        Map<String, String> kept = new TreeMap<>();
        kept.put(SERVICE, room || tenant.knowsService(service) ? service : OTHER_SERVICES);
        if (room && profiler != null) {
            kept.put(PROFILER, profiler);
        }
        kept.put(LABEL, "true");
        return Labels.of(kept);
    }
}
