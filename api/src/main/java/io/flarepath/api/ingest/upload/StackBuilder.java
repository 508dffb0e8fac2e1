package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Profile;
import java.util.Arrays;

/**
 * Collects one stack after the other for a profile, leaf first, under the {@link StackRules}: one
 * that is too deep loses its leaf side and gets a marker at the root end.
 */
public final class StackBuilder {
    /** Frame references are held twice while a profile is built, and once by the store. */
    private static final int BYTES_A_FRAME = 12;

    private static final int BYTES_A_STACK = 24;

    private static final long MOST_TOTAL = 1L << 53;

    private final Profile.Builder profile;
    private final StackRules rules;
    private final UploadMemory memory;
    private int[] frames = new int[256];
    private int depth;
    private int marker = -1;
    private long cut;
    private long total;
    private int stacks;

    /** Builds stacks of a profile. */
    public StackBuilder(Profile.Builder profile, StackRules rules, UploadMemory memory) {
        this.profile = profile;
        this.rules = rules;
        this.memory = memory;
    }

    /** Adds the next frame towards the root; an index from the profile's builder. */
    public void push(int frame) {
        if (depth == frames.length) {
            rules.check(depth);
            frames = Arrays.copyOf(frames, depth * 2);
        }
        frames[depth++] = frame;
    }

    /** Adds the collected stack with a value, and starts the next one. */
    public void finish(long value) {
        rules.check(depth);
        total = checkedTotal(total, value);
        int from = Math.max(0, depth - rules.kept());
        if (from > 0) {
            cut++;
            System.arraycopy(frames, from, frames, 0, rules.kept());
            depth = rules.kept();
            if (marker < 0) {
                marker = profile.frame(rules.marker());
            }
            push(marker);
        }
        memory.charge(BYTES_A_STACK + (long) BYTES_A_FRAME * depth);
        profile.stack(frames, depth, value);
        stacks++;
        depth = 0;
    }

    /**
     * A total with a value more.
     *
     * @throws ApiError 400 when it is too large
     */
    public static long checkedTotal(long total, long value) {
        long sum = value > MOST_TOTAL ? Long.MAX_VALUE : total + value;
        if (sum > MOST_TOTAL) {
            throw ApiError.invalid(
                    "the values of a profile add up to more than 2^53, which no number in JSON can"
                            + " hold");
        }
        return sum;
    }

    /** How many stacks there are. */
    public int stacks() {
        return stacks;
    }

    /** How many stacks were cut. */
    public long cut() {
        return cut;
    }
}
