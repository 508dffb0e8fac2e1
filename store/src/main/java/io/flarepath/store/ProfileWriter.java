package io.flarepath.store;

import io.flarepath.store.chunk.ChunkEncoder;
import io.flarepath.store.chunk.DetailKey;
import io.flarepath.store.chunk.FineChunk;
import io.flarepath.store.chunk.Members;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.SpanChunk;
import io.flarepath.store.dictionary.Dictionaries;
import io.flarepath.store.dictionary.ServiceDictionary;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.Series;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.SpanSamples;
import io.flarepath.store.profile.TimedSamples;
import io.flarepath.store.retention.ShortLived;
import io.flarepath.store.rollup.HotWindows;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way in: profiles of one call become one batch, which is written whole or not at all. The
 * locks of all services in it are held meanwhile, taken in the order of their numbers.
 */
final class ProfileWriter {
    /** Sums of values stay exact in a double, and a thousand of such profiles in a long. */
    private static final long LARGEST_TOTAL = 1L << 53;

    private final Engine engine;
    private final SeriesIndex index;
    private final Dictionaries dictionaries;
    private final Uploads uploads;
    private final ZstdPool zstd;
    private final HotWindows hot;
    private final SeriesCap cap;
    private final InstantSource clock;
    private final ShortLived exemplars;
    private final ShortLived fine;
    private final Damage damage;
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong folded = new AtomicLong();
    private final AtomicLong newest = new AtomicLong();

    ProfileWriter(
            Engine engine,
            SeriesIndex index,
            Dictionaries dictionaries,
            Uploads uploads,
            ZstdPool zstd,
            HotWindows hot,
            SeriesCap cap,
            InstantSource clock,
            ShortLived exemplars,
            ShortLived fine,
            Damage damage) {
        this.exemplars = exemplars;
        this.fine = fine;
        this.engine = engine;
        this.index = index;
        this.dictionaries = dictionaries;
        this.uploads = uploads;
        this.zstd = zstd;
        this.hot = hot;
        this.cap = cap;
        this.clock = clock;
        this.damage = damage;
    }

    long stored() {
        return stored.get();
    }

    long duplicates() {
        return duplicates.get();
    }

    long folded() {
        return folded.get();
    }

    /** Start of the newest profile that was written, 0 before the first. */
    long newestNanos() {
        return newest.get();
    }

    /** One profile on its way, with what can be found out without a lock. */
    private record Offered(
            Profile profile,
            Labels labels,
            int service,
            ServiceDictionary dictionary,
            int type,
            Identity identity) {}

    /** Numbers of the stacks of a profile, which hold for all others that share them. */
    private record Interned(Offered of, int[] stacks, ChunkEncoder encoder) {
        boolean holdsFor(Offered other) {
            return other.dictionary() == of.dictionary()
                    && other.profile().sharesStacks(of.profile());
        }
    }

    /** A series, type and window that the batch is the first to fill. */
    private record FirstInWindow(Series series, int type, int window) {}

    WriteResult write(String tenantName, List<Profile> profiles) {
        profiles.forEach(ProfileWriter::check);
        TenantIndex tenant = index.of(tenantName);
        List<Offered> offered = new ArrayList<>(profiles.size());
        TreeMap<Integer, ServiceDictionary> services = new TreeMap<>();
        Set<Labels> unknown = new HashSet<>();
        long[] contents = Identity.contents(profiles);
        for (int i = 0; i < contents.length; i++) {
            Profile profile = profiles.get(i);
            Labels labels = cap.labels(tenant, profile, unknown.size());
            if (tenant.find(labels) == null) {
                unknown.add(labels);
            }
            String name = labels.get("service_name");
            int service = tenant.serviceId(name == null ? "" : name);
            ServiceDictionary dictionary =
                    services.computeIfAbsent(service, id -> dictionaries.of(tenant.id(), id));
            offered.add(
                    new Offered(
                            profile,
                            labels,
                            service,
                            dictionary,
                            tenant.typeId(profile.type()),
                            identity(profile, contents[i], labels)));
        }
        services.values().forEach(service -> service.lock().lock());
        boolean done = false;
        try {
            WriteResult result = writeLocked(tenant, offered, services);
            done = true;
            return result;
        } finally {
            if (!done) {
                // Memory holds what disk does not: read again what is really there.
                services.values().forEach(ServiceDictionary::unload);
            }
            services.values().forEach(service -> service.lock().unlock());
            dictionaries.evict();
        }
    }

    private static Identity identity(Profile profile, long content, Labels labels) {
        Identity identity = Identity.of(profile, content);
        return labels.equals(profile.labels()) ? identity : identity.of(profile.labels());
    }

    private static void check(Profile profile) {
        if (profile.startNanos() < 0 || profile.durationNanos() < 0 || profile.period() < 0) {
            throw new IllegalArgumentException(
                    "start, duration and period of a profile must not be negative: "
                            + profile.startNanos()
                            + ", "
                            + profile.durationNanos()
                            + ", "
                            + profile.period());
        }
        long total;
        try {
            total = profile.total();
        } catch (ArithmeticException e) {
            total = Long.MAX_VALUE;
        }
        if (total > LARGEST_TOTAL) {
            throw new IllegalArgumentException(
                    "the values of a profile must come to at most "
                            + LARGEST_TOTAL
                            + ", not "
                            + total);
        }
    }

    private WriteResult writeLocked(
            TenantIndex tenant, List<Offered> offered, Map<Integer, ServiceDictionary> services) {
        Batch batch = new Batch();
        Set<ProfileKey> inBatch = new HashSet<>();
        Map<Labels, Series> fresh = new HashMap<>();
        Set<FirstInWindow> first = new HashSet<>();
        Set<Integer> windows = new HashSet<>();
        Map<Integer, Long> ofSpans = new HashMap<>();
        Map<Integer, Long> ofTimes = new HashMap<>();
        long now = clock.millis() * 1_000_000L;
        services.values().forEach(service -> service.begin(now));
        long foldedBefore = folded(services);
        Interned interned = null;
        int kept = 0;
        int foldedProfiles = 0;
        long latest = 0;
        for (Offered each : offered) {
            Profile profile = each.profile();
            Series series = tenant.find(each.labels());
            if (series == null) {
                series =
                        fresh.computeIfAbsent(
                                each.labels(), labels -> tenant.prepare(each.service(), labels));
            }
            ProfileKey key = key(tenant, each, series);
            if (isDuplicate(key, each.identity(), inBatch)) {
                continue;
            }
            if (interned == null || !interned.holdsFor(each)) {
                int[] stacks = each.dictionary().intern(profile);
                interned =
                        new Interned(
                                each,
                                stacks,
                                new ChunkEncoder(each.dictionary().epoch(), stacks, zstd));
            }
            stage(batch, key, each, interned);
            stageSpans(batch, key, each, interned, ofSpans);
            stageTimes(batch, key, each, interned, ofTimes);
            windows.add(key.window());
            if (!series.has(key.type(), key.window())) {
                first.add(new FirstInWindow(series, key.type(), key.window()));
            }
            latest = Math.max(latest, profile.startNanos());
            kept++;
            foldedProfiles += each.labels().equals(profile.labels()) ? 0 : 1;
        }
        first.forEach(entry ->
                index.stagePresence(
                        batch, tenant.id(), entry.series().id(), entry.type(), entry.window()));
        fresh.values().forEach(series -> index.stage(batch, tenant, series));
        services.values().forEach(service -> service.stage(batch));
        if (kept > 0) {
            hot.write(batch, windows);
            ofSpans.forEach(exemplars::wrote);
            ofTimes.forEach(fine::wrote);
        }
        services.values().forEach(ServiceDictionary::committed);
        first.forEach(entry -> index.publish(tenant, entry.series(), entry.type(), entry.window()));
        stored.addAndGet(kept);
        cap.count(foldedProfiles);
        duplicates.addAndGet(offered.size() - kept);
        folded.addAndGet(folded(services) - foldedBefore);
        newest.accumulateAndGet(latest, Math::max);
        return new WriteResult(kept, offered.size() - kept);
    }

    private static long folded(Map<Integer, ServiceDictionary> services) {
        return services.values().stream().mapToLong(ServiceDictionary::folded).sum();
    }

    private static ProfileKey key(TenantIndex tenant, Offered offered, Series series) {
        long start = offered.profile().startNanos();
        return new ProfileKey(
                ProfileKey.windowOf(start),
                tenant.id(),
                offered.service(),
                offered.type(),
                series.id(),
                start,
                offered.identity().hash());
    }

    private boolean isDuplicate(ProfileKey key, Identity identity, Set<ProfileKey> inBatch) {
        // Within one call an upload's id says it all; without one the key does.
        ProfileKey known =
                identity.hasUpload()
                        ? new ProfileKey(
                                -1, key.tenant(), key.service(), key.type(), -1, -1, key.hash())
                        : key;
        if (!inBatch.add(known)) {
            return true;
        }
        return identity.hasUpload()
                ? uploads.contains(key, identity)
                : engine.get(Family.PROFILES, key.toBytes()) != null || isFinished(key);
    }

    /** Whether a profile is in a list: asked after it was not found by itself, whence it moves. */
    private boolean isFinished(ProfileKey key) {
        if (!hot.mayBeFinished(key.window())) {
            return false;
        }
        try (Cursor lists = engine.scan(Family.MEMBERS)) {
            lists.seek(
                    DetailKey.first(
                            key.window(), key.tenant(), key.service(), key.type(), key.series()),
                    DetailKey.first(
                            key.window(),
                            key.tenant(),
                            key.service(),
                            key.type(),
                            key.series() + 1));
            while (lists.next()) {
                try {
                    if (Members.open(lists.value(), zstd).contains(key.startNanos(), key.hash())) {
                        return true;
                    }
                } catch (CorruptValueException e) {
                    damage.found(
                            "list of profiles in window " + key.window() + ": " + e.getMessage());
                }
            }
        }
        return false;
    }

    private void stage(Batch batch, ProfileKey key, Offered offered, Interned interned) {
        Profile profile = offered.profile();
        long[] values = new long[interned.stacks().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = profile.value(i);
        }
        batch.put(
                Family.PROFILES,
                key.toBytes(),
                interned.encoder().encode(values, profile.period(), profile.durationNanos()));
        if (offered.identity().hasUpload()) {
            uploads.stage(batch, key, offered.identity());
        }
    }

    private void stageSpans(
            Batch batch,
            ProfileKey key,
            Offered offered,
            Interned interned,
            Map<Integer, Long> sizes) {
        List<SpanSamples> spans = offered.profile().spans();
        if (!spans.isEmpty()) {
            int epoch = offered.dictionary().epoch();
            byte[] value = SpanChunk.encode(epoch, interned.stacks(), spans, zstd);
            stageBeside(batch, Family.EXEMPLARS, key, value, sizes);
        }
    }

    private void stageTimes(
            Batch batch,
            ProfileKey key,
            Offered offered,
            Interned interned,
            Map<Integer, Long> sizes) {
        TimedSamples timed = offered.profile().timed();
        if (timed.rows() > 0) {
            int epoch = offered.dictionary().epoch();
            byte[] value = FineChunk.encode(epoch, interned.stacks(), timed, zstd);
            stageBeside(batch, Family.FINE, key, value, sizes);
        }
    }

    /** Puts a value under a profile's key, and adds its size to that of the window. */
    private static void stageBeside(
            Batch batch, Family family, ProfileKey key, byte[] value, Map<Integer, Long> sizes) {
        byte[] at = key.toBytes();
        batch.put(family, at, value);
        sizes.merge(key.window(), (long) at.length + value.length, Long::sum);
    }
}
