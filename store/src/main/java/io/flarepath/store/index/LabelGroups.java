package io.flarepath.store.index;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.profile.Labels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which series of a service are summed up together because they agree in some labels. Each set of
 * label names has a number that is never given to another, so that what was summed up while it was
 * configured before is not taken for what is summed up now: between the two something may be
 * missing. Each group of series has a number in its tenant. Safe for many threads.
 */
public final class LabelGroups {
    /** No group. */
    public static final int NONE = -1;

    private static final char NAMES = 'G';
    private static final byte[] SETS = "g".getBytes(StandardCharsets.UTF_8);

    /** Groups of a tenant: values of labels are clients' words. */
    private static final int MOST_GROUPS = 10_000;

    /** Characters of all values of a group together; {@link Names} has a bound of bytes. */
    private static final int LONGEST = 2048;

    /** Between two looks at all series of a tenant that has too many groups. */
    private static final long SWEEP_NANOS = 600_000_000_000L;

    private final Engine engine;
    private final SeriesIndex index;
    private final List<LabelSet> sets;
    private final Map<Integer, Names> tenants = new ConcurrentHashMap<>();
    private final Map<Integer, Long> swept = new HashMap<>();
    private final AtomicLong leftOut = new AtomicLong();

    /**
     * A set of label names.
     *
     * @param number number on disk
     * @param names names of labels, as they are stored
     */
    public record LabelSet(int number, List<String> names) {

        /** Keeps a copy. */
        public LabelSet {
            names = List.copyOf(names);
        }
    }

    /**
     * Reads what numbers the sets have, and gives numbers to those that are new.
     *
     * @param index where series are looked up of which groups are made
     * @param configured names of labels; dotted ones of OpenTelemetry stand for the stored ones
     */
    public LabelGroups(Engine engine, SeriesIndex index, List<List<String>> configured) {
        this.engine = engine;
        this.index = index;
        byte[] stored = engine.get(Family.META, SETS);
        ByteReader in =
                stored == null
                        ? new ByteReader(new byte[] {0, 0}, 0, 2)
                        : new ByteReader(stored, 0, stored.length);
        int next = in.varintUpTo(Integer.MAX_VALUE - 1, "a number of label sets");
        Map<List<String>, Integer> known = new HashMap<>();
        for (int left = in.varintUpTo(in.remaining(), "a number of sets"); left > 0; left--) {
            int number = in.varintUpTo(next, "the number of a set");
            List<String> names = new ArrayList<>();
            for (int more = in.varintUpTo(in.remaining(), "a number of labels"); more > 0; more--) {
                names.add(in.text());
            }
            known.put(names, number);
        }
        List<LabelSet> found = new ArrayList<>();
        for (List<String> each : configured) {
            List<String> names = each.stream().map(LabelNames::stored).distinct().sorted().toList();
            Integer number = known.get(names);
            found.add(new LabelSet(number == null ? next++ : number, names));
        }
        this.sets = List.copyOf(found);
        byte[] now = encode(next);
        if (!Arrays.equals(stored, now) && (stored != null || !sets.isEmpty())) {
            engine.write(new Batch().put(Family.META, SETS, now));
        }
    }

    private byte[] encode(int next) {
        ByteWriter out = new ByteWriter(64).varint(next).varint(sets.size());
        for (LabelSet set : sets) {
            out.varint(set.number()).varint(set.names().size());
            set.names().forEach(out::text);
        }
        return out.toArray();
    }

    /** The sets that are configured. */
    public List<LabelSet> sets() {
        return sets;
    }

    /** How often a sum was left out because its tenant had too many groups. */
    public long leftOut() {
        return leftOut.get();
    }

    /**
     * What tells the group of a series by a set from others: the number of the set, and the values
     * with their lengths. Empty where a series has none of the labels, or too long ones: such
     * series are summed up each by itself.
     */
    public static String key(LabelSet set, Labels labels) {
        StringBuilder text = new StringBuilder().append(set.number()).append('/');
        boolean any = false;
        for (String name : set.names()) {
            String value = labels.get(name);
            text.append(value == null ? 0 : value.length()).append(':');
            if (value != null) {
                text.append(value);
                any = true;
            }
        }
        return any && text.length() <= LONGEST ? text.toString() : "";
    }

    /** The number of a group by its key, or {@link #NONE}. */
    public int find(int tenant, String key) {
        return key.isEmpty() ? NONE : names(tenant).find(key);
    }

    /** The same; a group is given a number when it has none and the tenant may have more. */
    public int number(int tenant, String key) {
        int known = find(tenant, key);
        if (known != NONE || key.isEmpty()) {
            return known;
        }
        Names names = names(tenant);
        if (names.all().size() >= MOST_GROUPS) {
            forgetUnused(tenant, names);
            if (names.all().size() >= MOST_GROUPS) {
                leftOut.incrementAndGet();
                return NONE;
            }
        }
        return names.intern(key);
    }

    /** The set that a group is by, in words; empty when that is not configured any more. */
    public String describe(int tenant, int group) {
        String text = names(tenant).name(group);
        for (LabelSet set : sets) {
            if (text.startsWith(set.number() + "/")) {
                return String.join("+", set.names());
            }
        }
        return "";
    }

    private Names names(int tenant) {
        return tenants.computeIfAbsent(tenant, id -> new Names(engine, NAMES, id));
    }

    /** What no series has any more has no sums either, since those keep a series known. */
    private synchronized void forgetUnused(int tenant, Names names) {
        long now = System.nanoTime();
        Long last = swept.get(tenant);
        if (last != null && now - last < SWEEP_NANOS) {
            return;
        }
        swept.put(tenant, now);
        Set<String> used = new HashSet<>();
        index.seriesOf(tenant)
                .forEach(series -> sets.forEach(set -> used.add(key(set, series.labels()))));
        names.retain(used);
    }
}
