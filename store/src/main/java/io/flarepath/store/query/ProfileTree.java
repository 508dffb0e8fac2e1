package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Profile;
import java.util.Arrays;
import java.util.List;

/** Profiles that lie in no store, merged into one tree. */
public final class ProfileTree {
    private static final int UNKNOWN = -1;

    private ProfileTree() {}

    /**
     * Merges by function, as {@code ProfileStore.merge} does.
     *
     * @param profiles of one type
     * @throws IllegalArgumentException when the sum of all values does not fit 63 bits
     */
    public static FlameTree of(List<Profile> profiles) {
        TreeBuilder builder = new TreeBuilder();
        long samples = 0;
        try {
            for (Profile profile : profiles) {
                add(profile, builder);
                samples += profile.period() == 0 ? 0 : profile.total() / profile.period();
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("the sum of all values is above 2^63", e);
        }
        return builder.build(samples);
    }

    private static void add(Profile profile, TreeBuilder builder) {
        int[] numbers = new int[profile.frames().size()];
        Arrays.fill(numbers, UNKNOWN);
        for (int stack = 0; stack < profile.stackCount(); stack++) {
            int node = 0;
            // Stacks are leaf first.
            for (int place = profile.stackStart(stack + 1) - 1;
                    place >= profile.stackStart(stack);
                    place--) {
                int index = profile.stackFrame(place);
                Frame frame = profile.frames().get(index);
                if (numbers[index] == UNKNOWN) {
                    numbers[index] = builder.number(frame);
                }
                node = builder.childOf(node, numbers[index], frame.lowConfidence());
            }
            builder.addSelf(node, profile.value(stack));
        }
    }
}
