package io.flarepath.store;

import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Labels;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many series a tenant may have: each takes memory for as long as it is kept. Beyond that the
 * profiles of series that are not known yet count for one series of their service and profiler,
 * which says so by a label, and when there are too many of those, new services count for one.
 * Totals stay exact, labels are lost.
 */
final class SeriesCap {
    /** The label that stands for all that was left out. */
    static final String LABEL = "overflow";

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

    /**
     * The labels under which a profile is stored.
     *
     * @param fresh how many new series there are in the same batch
     */
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
