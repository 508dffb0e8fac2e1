package io.flarepath.store.profile;

import java.util.Arrays;
import java.util.List;

/**
 * When, and in which threads, samples of a profile were taken: columns of one length, a row for
 * each tenth of a second, thread and stack. Its values are counted in the profile's own as well;
 * samples without a time are in those alone.
 *
 * @param threads the threads that rows name, each once
 * @param slots tenths of a second since 1970, not negative
 * @param owners places in {@code threads}
 * @param stacks places of stacks in the profile
 * @param values above 0, in the sample unit
 */
public record TimedSamples(
        List<SampledThread> threads, long[] slots, int[] owners, int[] stacks, long[] values) {
    /** Width of a slot. */
    public static final long SLOT_NANOS = 100_000_000L;

    /** Of a profile whose samples have no times. */
    public static final TimedSamples NONE =
            new TimedSamples(List.of(), new long[0], new int[0], new int[0], new long[0]);

    /** Refuses what does not fit together. */
    public TimedSamples {
        threads = List.copyOf(threads);
        if (slots.length != owners.length
                || slots.length != stacks.length
                || slots.length != values.length) {
            throw new IllegalArgumentException(
                    "columns of "
                            + slots.length
                            + ", "
                            + owners.length
                            + ", "
                            + stacks.length
                            + " and "
                            + values.length
                            + " rows");
        }
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] < 0 || values[i] < 1 || owners[i] < 0 || owners[i] >= threads.size()) {
                throw new IllegalArgumentException(
                        "a row of slot "
                                + slots[i]
                                + ", thread "
                                + owners[i]
                                + " of "
                                + threads.size()
                                + " and value "
                                + values[i]);
            }
        }
    }

    /** How many rows there are. */
    public int rows() {
        return slots.length;
    }

    /** The largest place of a stack, -1 without rows. */
    int lastStack() {
        return Arrays.stream(stacks).max().orElse(-1);
    }

    /** The smallest place of a stack, 0 without rows. */
    int firstStack() {
        return Arrays.stream(stacks).min().orElse(0);
    }
}
