package io.flarepath.agent.samples;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * The hottest methods of two profiles of the same program in the same time, compared.
 *
 * <p>Both are samples, so shares differ by chance, and which of two equally hot methods is the 20th
 * is chance too. The error that is allowed is three standard deviations of the difference of two
 * binomial shares. A method of one profile's hottest is found in the other's if its share there is
 * at least that of the last of the hottest there, less this error, and less half of that share at
 * most: few samples must not make all methods equal.
 */
final class HottestMethods {
    private static final double DEVIATIONS = 3;

    private final int most;
    private final Side ours;
    private final Side theirs;

    /** Samples by method, of so many. */
    record Side(Map<String, Long> samples, long of) {
        double share(String method) {
            return samples.getOrDefault(method, 0L) / (double) of;
        }

        List<String> hottest(int most) {
            return samples.entrySet().stream()
                    .sorted(
                            Map.Entry.<String, Long>comparingByValue()
                                    .reversed()
                                    .thenComparing(Map.Entry.comparingByKey()))
                    .limit(most)
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    HottestMethods(int most, Side ours, Side theirs) {
        this.most = most;
        this.ours = ours;
        this.theirs = theirs;
    }

    /** The share of either's hottest methods that is found in the other's, the lower of both. */
    double overlap() {
        return Math.min(found(ours, theirs), found(theirs, ours));
    }

    /** The same without any error allowed. */
    double strictOverlap() {
        List<String> there = theirs.hottest(most);
        List<String> here = ours.hottest(most);
        return here.stream().filter(there::contains).count() / (double) here.size();
    }

    private double found(Side from, Side in) {
        List<String> hottest = from.hottest(most);
        List<String> there = in.hottest(most);
        double last = in.share(there.getLast());
        long found =
                hottest.stream()
                        .filter(method -> {
                            double share = in.share(method);
                            // Two shares of one profile.
                            double deviation = Math.sqrt((share + last) / in.of());
                            return share >= last - Math.min(DEVIATIONS * deviation, last / 2);
                        })
                        .count();
        return found / (double) hottest.size();
    }

    /** Those that are among the hottest of either. */
    List<String> all() {
        TreeSet<String> all = new TreeSet<>(ours.hottest(most));
        all.addAll(theirs.hottest(most));
        return all.stream()
                .sorted(
                        Comparator.comparingDouble((String m) -> ours.share(m) + theirs.share(m))
                                .reversed())
                .toList();
    }

    /** How far apart the shares of a method are, in standard deviations of chance. */
    double deviations(String method) {
        double p =
                (ours.samples().getOrDefault(method, 0L)
                                + theirs.samples().getOrDefault(method, 0L))
                        / (double) (ours.of() + theirs.of());
        double deviation = Math.sqrt(p * (1 - p) * (1.0 / ours.of() + 1.0 / theirs.of()));
        return deviation == 0 ? 0 : (ours.share(method) - theirs.share(method)) / deviation;
    }

    /** The share of the hottest methods of either whose shares differ by chance only. */
    double agreeing() {
        List<String> all = all();
        return all.stream().filter(m -> Math.abs(deviations(m)) <= DEVIATIONS).count()
                / (double) all.size();
    }

    /** A line a method: both shares in percent, and how far apart they are. */
    String table() {
        StringBuilder text = new StringBuilder();
        for (String method : all()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %6.2f %6.2f %+6.1f  %s%n",
                            100 * ours.share(method),
                            100 * theirs.share(method),
                            deviations(method),
                            method));
        }
        return text.toString();
    }
}
