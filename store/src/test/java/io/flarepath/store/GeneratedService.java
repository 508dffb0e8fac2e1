package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A service as it might run: a tree of Java-like stacks, drawn by zipf, each pod with weights of
 * its own that drift, and CPU by the time of the day; if asked for, pods that come and go, a new
 * build each day, and allocations. Seeded: the same seed makes the same profiles. It keeps a ledger
 * of what it made: exact sums by type, day and stack.
 */
final class GeneratedService {
    static final long DAY = 86_400L * SECOND;
    private static final long PERIOD = 10_309_278;
    private static final long DRIFT = 1_800L * SECOND;
    private static final long HOUR = 3_600L * SECOND;

    static final ProfileType ALLOCATED = ProfileType.parse("memory:alloc_space:bytes:space:bytes");

    /** Bytes between two samples of allocations. */
    private static final long SAMPLED_BYTES = 512 << 10;

    private static final int ZONES = 3;

    /** Busy cores of the pods, in turn. */
    private static final double[] CORES = {4, 1, 1, 0.3, 0.05};

    private final String name;
    private final long start;
    private final double zipf;
    private final Random random;
    private final Random weights;
    private final List<int[]> stacks = new ArrayList<>();
    private final List<Frame> frames = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    private final Map<ProfileType, List<long[]>> ledgers = new HashMap<>();
    private final int functions;
    private final List<Double> cores = new ArrayList<>();
    private int threads;
    private boolean changes;
    private boolean allocates;
    private long build;
    private long rows;
    private long hits;
    private long profiles;

    GeneratedService(String name, long seed, long start, int stackCount, double zipf, int pods) {
        this.name = name;
        this.start = start;
        this.zipf = zipf;
        this.random = new Random(seed);
        this.weights = new Random(seed + 1);
        functions = Math.max(100, stackCount / 4);
        for (int i = 0; i < functions; i++) {
            frames.add(
                    new Frame(
                            "com/example/shop/" + word() + "/" + word() + word() + ".handle" + i,
                            "Part" + i % 997 + ".java",
                            20 + random.nextInt(400),
                            "",
                            "",
                            0,
                            FrameKind.JVM,
                            false));
        }
        for (int i = 0; i < stackCount; i++) {
            stacks.add(stack(i));
        }
        for (int i = 0; i < pods; i++) {
            this.pods.add(new Pod());
            cores.add(CORES[i % CORES.length]);
        }
    }

    /** From now on each hit has a time, to a tenth of a second, and one of so many threads. */
    GeneratedService inThreads(int count) {
        threads = count;
        return this;
    }

    /**
     * From now on pods live for 6 to 48 hours, and each day brings a build in which a twentieth of
     * the functions stands at other lines, some of them under another name.
     */
    GeneratedService changing() {
        changes = true;
        return this;
    }

    /** What it allocates is to be written too. */
    GeneratedService allocating() {
        allocates = true;
        return this;
    }

    boolean allocates() {
        return allocates;
    }

    private void change(Pod pod, long time) {
        if (!changes) {
            return;
        }
        pod.live(time);
        for (long now = (time - start) / DAY; build < now; build++) {
            for (int i = 0; i < functions / 20; i++) {
                int at = weights.nextInt(functions);
                Frame old = frames.get(at);
                boolean renamed = weights.nextInt(5) == 0;
                frames.set(
                        at,
                        new Frame(
                                renamed ? old.function() + "In" + build : old.function(),
                                old.file(),
                                old.line() + 1 + weights.nextInt(20),
                                "",
                                "",
                                0,
                                FrameKind.JVM,
                                false));
            }
        }
    }

    private String word() {
        String[] words = {"order", "cart", "stock", "price", "route", "index", "codec", "event"};
        return words[random.nextInt(words.length)];
    }

    /** Every stack leaves an earlier one at some depth; its leaf is a frame of its own. */
    private int[] stack(int number) {
        int depth = 20 + random.nextInt(41);
        int[] base = number == 0 ? new int[0] : stacks.get(random.nextInt(number));
        int shared = number == 0 ? 0 : Math.min(base.length - 1, depth - 1 - random.nextInt(12));
        int[] stack = new int[depth];
        for (int at = 0; at < depth - 1; at++) {
            stack[at] = at < shared ? base[at] : random.nextInt(frames.size());
        }
        frames.add(Frame.named(leaf(number)));
        stack[depth - 1] = frames.size() - 1;
        return stack;
    }

    static String leaf(int number) {
        return "com/example/leaf/L" + number % 97 + ".leaf" + number;
    }

    /**
     * What a pod does: cumulated weights of all stacks, a tenth of them drawn anew now and then.
     */
    private final class Pod {
        private final double[] weight = new double[stacks.size()];
        private final double[] cumulated = new double[stacks.size()];
        private long drawnAt = Long.MIN_VALUE;
        private long livesUntil;
        private int life;

        private void live(long time) {
            if (time >= livesUntil) {
                life++;
                livesUntil = time + (6 + weights.nextInt(43)) * HOUR;
                drawnAt = Long.MIN_VALUE;
            }
        }

        private void drift(long time) {
            long now = time / DRIFT;
            if (now == drawnAt) {
                return;
            }
            boolean first = drawnAt == Long.MIN_VALUE;
            drawnAt = now;
            double sum = 0;
            for (int i = 0; i < weight.length; i++) {
                if (first || weights.nextInt(10) == 0) {
                    weight[i] = Math.exp(0.7 * weights.nextGaussian()) / Math.pow(i + 1.0, zipf);
                }
                sum += weight[i];
                cumulated[i] = sum;
            }
        }

        private int draw() {
            double at = random.nextDouble() * cumulated[cumulated.length - 1];
            int place = Arrays.binarySearch(cumulated, at);
            return Math.min(place < 0 ? -place - 1 : place, cumulated.length - 1);
        }
    }

    /** The profile of a pod with about the number of hits that its load makes in its duration. */
    Profile profile(int pod, long time, long duration) {
        double ofDay = 0.65 - 0.35 * Math.cos(2 * Math.PI * ((time - start) % DAY) / DAY);
        return profile(
                pod, time, duration, (int) (97 * cores.get(pod) * ofDay * duration / SECOND));
    }

    /** The profile of a pod with a number of hits. */
    Profile profile(int pod, long time, long duration, int drawn) {
        int[] counts = draw(pod, time, drawn);
        Profile.Builder builder =
                Profile.builder(labels(pod), ProfileType.CPU).time(time, duration).period(PERIOD);
        Times times = new Times(time, duration);
        long[] day = ledgerOf(ProfileType.CPU, time);
        for (int stack = 0; stack < counts.length; stack++) {
            if (counts[stack] > 0) {
                add(builder, stack, counts[stack] * PERIOD, day);
                times.add(counts[stack]);
            }
        }
        hits += drawn;
        return threads == 0 ? builder.build() : builder.timed(times.samples()).build();
    }

    /** What a pod has allocated, by a number of samples: no two sizes need be equal. */
    Profile allocations(int pod, long time, long duration, int drawn) {
        int[] counts = draw(pod, time, drawn);
        Profile.Builder builder =
                Profile.builder(labels(pod), ALLOCATED).time(time, duration).period(SAMPLED_BYTES);
        long[] day = ledgerOf(ALLOCATED, time);
        for (int stack = 0; stack < counts.length; stack++) {
            if (counts[stack] > 0) {
                long bytes = 0;
                for (int i = 0; i < counts[stack]; i++) {
                    bytes += 8 * (long) (2 + Math.exp(10 + 2 * random.nextGaussian()));
                }
                add(builder, stack, bytes, day);
            }
        }
        hits += drawn;
        return builder.build();
    }

    /** Hits by stack. */
    private int[] draw(int pod, long time, int drawn) {
        Pod of = pods.get(pod);
        change(of, time);
        of.drift(time);
        int[] counts = new int[stacks.size()];
        for (int i = 0; i < drawn; i++) {
            counts[of.draw()]++;
        }
        profiles++;
        return counts;
    }

    private void add(Profile.Builder builder, int stack, long value, long[] day) {
        int[] rootFirst = stacks.get(stack);
        int[] leafFirst = new int[rootFirst.length];
        for (int i = 0; i < leafFirst.length; i++) {
            leafFirst[leafFirst.length - 1 - i] = builder.frame(frames.get(rootFirst[i]));
        }
        builder.stack(leafFirst, leafFirst.length, value);
        day[stack] += value;
        rows++;
    }

    private Labels labels(int pod) {
        return Labels.of(
                Map.of(
                        "service_name",
                        name,
                        "pod",
                        name + "-" + pod + (changes ? "-" + pods.get(pod).life : ""),
                        "zone",
                        "zone" + pod % ZONES,
                        "profiler",
                        "flarepath"));
    }

    /** When hits of a profile were, and in which threads: at random. */
    private final class Times {
        private final long from;
        private final int slots;
        private final List<long[]> hitsOf = new ArrayList<>();
        private int stacksSeen;

        private Times(long time, long duration) {
            from = time / TimedSamples.SLOT_NANOS;
            slots = (int) (duration / TimedSamples.SLOT_NANOS);
        }

        /** So many hits of the next stack. */
        private void add(int count) {
            for (int i = 0; i < count && threads > 0; i++) {
                hitsOf.add(
                        new long[] {
                            from + random.nextInt(slots), random.nextInt(threads), stacksSeen
                        });
            }
            stacksSeen++;
        }

        private TimedSamples samples() {
            return new TimedSamples(
                    IntStream.range(0, threads)
                            .mapToObj(i -> new SampledThread(100 + i, "worker-" + i))
                            .toList(),
                    hitsOf.stream().mapToLong(hit -> hit[0]).toArray(),
                    hitsOf.stream().mapToInt(hit -> (int) hit[1]).toArray(),
                    hitsOf.stream().mapToInt(hit -> (int) hit[2]).toArray(),
                    hitsOf.stream().mapToLong(hit -> PERIOD).toArray());
        }
    }

    private long[] ledgerOf(ProfileType type, long time) {
        List<long[]> ledger = ledgers.computeIfAbsent(type, t -> new ArrayList<>());
        int day = (int) ((time - start) / DAY);
        while (ledger.size() <= day) {
            ledger.add(new long[stacks.size()]);
        }
        return ledger.get(day);
    }

    /** The types of what it made. */
    Set<ProfileType> types() {
        return ledgers.keySet();
    }

    /** The sums of a type by stack of days {@code [from, until)}. */
    long[] sums(ProfileType type, int from, int until) {
        List<long[]> ledger = ledgers.getOrDefault(type, List.of());
        long[] sums = new long[stacks.size()];
        for (int day = from; day < Math.min(until, ledger.size()); day++) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += ledger.get(day)[i];
            }
        }
        return sums;
    }

    int pods() {
        return pods.size();
    }

    long rows() {
        return rows;
    }

    long hits() {
        return hits;
    }

    long profiles() {
        return profiles;
    }
}
