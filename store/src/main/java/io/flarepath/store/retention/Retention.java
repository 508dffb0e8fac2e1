package io.flarepath.store.retention;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.Space;
import io.flarepath.store.index.TenantIndex;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retention by age, of every level its own: keys are time-first, so a pass drops ranges whatever
 * lies in them. Sums of a longer time go when all of that time is too old.
 */
public final class Retention {
    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final int STEPS = 16;

    private final Engine engine;
    private final SeriesIndex index;
    private final Space space;
    private final Forgetting forgetting;
    private final KeptFrom kept;
    private final Ages ages;
    private final TenantAges tenants;
    private final List<ShortLived> shortLived;

    /**
     * Retention over a store's parts.
     *
     * @param shortLived what lies beside profiles for a shorter time; none for metrics
     */
    public Retention(
            Engine engine,
            SeriesIndex index,
            Forgetting forgetting,
            KeptFrom kept,
            Ages ages,
            TenantAges tenants,
            List<ShortLived> shortLived) {
        this.shortLived = List.copyOf(shortLived);
        this.engine = engine;
        this.index = index;
        this.space = index.space();
        this.forgetting = forgetting;
        this.kept = kept;
        this.ages = ages;
        this.tenants = tenants;
    }

    /** Drops what is too old, and what only that referred to. */
    public synchronized void apply(long nowNanos) {
        for (String name : tenants.names()) {
            TenantIndex tenant = index.find(name);
            if (tenant != null) {
                dropOf(tenant, tenants.firstWindow(name));
            }
        }
        shortLived.forEach(family -> family.drop(nowNanos));
        int detail = window(nowNanos, ages.detail());
        int first = index.firstWindow();
        if (detail <= 0 || first < 0 || first >= detail) {
            return;
        }
        dropDetail(detail);
        for (Level level : Level.values()) {
            drop(level, cut(level, nowNanos));
        }
        for (TenantIndex tenant : index.tenants()) {
            dropUnused(tenant, nowNanos);
        }
    }

    /**
     * What goes next for want of room: the oldest sixteenth of what lies one by one; when there is
     * none of it, of the finest sums, and so on.
     *
     * @param shelf 0 for what lies one by one, 1 and more for sums from the finest on
     * @param from the first window of it
     * @param until the window before which it goes
     */
    public record Next(int shelf, int from, int until) {

        /** Whether another goes later: after it what lies one by one, and what is younger. */
        public boolean isBefore(Next other) {
            return shelf != other.shelf ? shelf < other.shelf : from <= other.from;
        }
    }

    /** What would go next, or null when everything has to stay. */
    public synchronized @Nullable Next next() {
        int end = index.lastWindow() + 1;
        if (end <= 0) {
            return null;
        }
        int oldest = index.firstWindow();
        int from = Math.max(kept.detail(), oldest);
        if (from < end) {
            return new Next(0, from, from + Math.max(1, (end - from) / STEPS));
        }
        for (Level level : Level.values()) {
            int first = Math.max(kept.of(level), level.firstWindow(level.bucketOf(oldest)));
            // What coarser sums may still be made of stays.
            int spare = Level.DAY.firstWindow(Level.DAY.bucketOf(end) - 1);
            if (first < spare) {
                int until = Math.min(spare, first + Math.max(1, (end - first) / STEPS));
                int bucket = level.bucketOf(Math.min(spare, until + level.windows() - 1));
                return new Next(1 + level.code(), first, level.firstWindow(bucket));
            }
        }
        return null;
    }

    /** Drops what is next, because the files take more than so many bytes. */
    public synchronized void makeRoom(Next next, long mostBytes) {
        log.warn(
                "The store takes more than {} bytes: of {}, {} before {} are dropped",
                mostBytes,
                space,
                next.shelf() == 0 ? "details" : "sums of level " + Level.ofCode(next.shelf() - 1),
                instant(next.until()));
        if (next.shelf() == 0) {
            dropDetail(next.until());
        } else {
            drop(Level.ofCode(next.shelf() - 1), next.until());
        }
    }

    static Instant instant(int window) {
        return Instant.ofEpochSecond(0, window * ProfileKey.WINDOW_NANOS);
    }

    static int window(long nowNanos, Duration age) {
        long age64 = age.toSeconds() * 1_000_000_000L;
        return nowNanos < age64 ? 0 : ProfileKey.windowOf(nowNanos - age64);
    }

    /** The first window that is kept; where coarser sums stay longer, none of theirs is halved. */
    private int cut(Level level, long nowNanos) {
        int window = window(nowNanos, ages.of(level));
        if (level != Level.DAY) {
            Level coarser = level.coarser();
            if (ages.of(coarser).compareTo(ages.of(level)) > 0) {
                return coarser.firstWindow(coarser.bucketOf(window));
            }
        }
        return level.firstWindow(level.bucketOf(window));
    }

    private void dropDetail(int window) {
        shortLived.forEach(family -> family.dropBefore(window));
        byte[] from = ProfileKey.first(0);
        byte[] until = ProfileKey.first(window);
        // Profiles that lie by themselves stay: they are in no sums before their window is put
        // together, which takes them away. Passes are frequent: the tombstone of one is not written
        // again by the next.
        if (kept.moveDetail(window)) {
            space.detail().forEach(family -> engine.dropRange(family, from, until));
        }
    }

    /** Drops all of a tenant before a window, but for sums of a longer time that it cuts. */
    private void dropOf(TenantIndex tenant, int end) {
        int first = tenant.firstWindow();
        if (first < 0 || first >= end) {
            return;
        }
        int id = tenant.id();
        for (int window = first; window < end; window++) {
            byte[] from = ofTenant(window, id);
            byte[] until = ofTenant(window, id + 1);
            space.detail().forEach(family -> engine.dropRange(family, from, until));
            engine.dropRange(space.presence(), from, until);
            shortLived.forEach(family -> family.drop(from, until));
        }
        for (Level level : Level.values()) {
            // What a pass before this one had to leave begins up to one bucket earlier.
            int from = Math.max(0, level.bucketOf(first) - 1);
            for (int bucket = from; level.firstWindow(bucket + 1) <= end; bucket++) {
                engine.dropRange(
                        space.sums(), ofTenant(level, bucket, id), ofTenant(level, bucket, id + 1));
                if (level != Level.TEN_MINUTES) {
                    engine.dropRange(
                            space.spans(),
                            ofTenant(level, bucket, id),
                            ofTenant(level, bucket, id + 1));
                }
            }
        }
        for (int service : index.servicesWithBefore(tenant, end)) {
            removeBefore(tenant, service, end);
        }
    }

    private static byte[] ofTenant(int window, int tenant) {
        return new ByteWriter(8).u32(window).u32(tenant).toArray();
    }

    private static byte[] ofTenant(Level level, int bucket, int tenant) {
        return new ByteWriter(9).u8(level.code()).u32(bucket).u32(tenant).toArray();
    }

    private void drop(Level level, int window) {
        if (!kept.move(level, window)) {
            return;
        }
        int bucket = level.bucketOf(window);
        engine.dropRange(space.sums(), RollupKey.first(level, 0), RollupKey.first(level, bucket));
        if (level == Level.TEN_MINUTES) {
            engine.dropRange(space.presence(), ProfileKey.first(0), ProfileKey.first(window));
        } else {
            engine.dropRange(space.spans(), span(level, 0), span(level, bucket));
        }
    }

    private static byte[] span(Level level, int bucket) {
        return new ByteWriter(5).u8(level.code()).u32(bucket).toArray();
    }

    private void dropUnused(TenantIndex tenant, long nowNanos) {
        int latest = cut(Level.DAY, nowNanos) + Level.DAY.windows();
        Set<Integer> services = index.servicesWithBefore(tenant, latest);
        for (int service : services) {
            removeBefore(tenant, service, firstUsed(tenant.id(), service, nowNanos));
        }
    }

    private void removeBefore(TenantIndex tenant, int service, int window) {
        forgetting.forget(tenant, service, window);
    }

    /** The first window of which anything of a service may be kept. */
    private int firstUsed(int tenant, int service, long nowNanos) {
        int first = window(nowNanos, ages.detail());
        for (Level level : Level.values()) {
            int window = window(nowNanos, ages.of(level));
            int bucket = level.bucketOf(window);
            boolean straddles =
                    level != Level.TEN_MINUTES
                            && (space == Space.METRICS
                                    || engine.get(
                                                    space.sums(),
                                                    RollupKey.marker(
                                                            level, bucket, tenant, service))
                                            != null);
            first = Math.min(first, straddles ? level.firstWindow(bucket) : window);
        }
        return Math.min(first, Math.max(cut(Level.TEN_MINUTES, nowNanos), 0));
    }
}
