package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Profile;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of the frames and stacks of one dictionary by their hashes: what it takes to number
 * stacks that were seen before, in a small part of the memory of the dictionary itself. It goes on
 * to hold while the dictionary is let go and read again, since numbers never change. In memory
 * only. One writer.
 */
final class KnownStacks {
    final FrameIds frames = new FrameIds();
    private final StackHashes stacks = new StackHashes();

    /** The numbers of a profile's frames, in its order; -1 for one that is not known. */
    int[] frames(Profile profile) {
        int[] ids = new int[profile.frames().size()];
        for (int i = 0; i < ids.length; i++) {
            // One after the other: the processor fetches several at a time.
            ids[i] = frames.find(profile.frames().get(i));
        }
        return ids;
    }

    /** The numbers of a profile's stacks, in its order; null when one of them is not known. */
    int @Nullable [] find(Profile profile) {
        int[] ofProfile = frames(profile);
        int[] ids = new int[profile.stackCount()];
        for (int stack = 0; stack < ids.length; stack++) {
            ids[stack] = find(profile, stack, ofProfile);
            if (ids[stack] < 0) {
                return null;
            }
        }
        return ids;
    }

    /**
     * The number of a stack, or -1.
     *
     * @param ofProfile numbers of the profile's frames
     */
    int find(Profile profile, int stack, int[] ofProfile) {
        stacks.begin();
        int from = profile.stackStart(stack);
        int at = profile.stackStart(stack + 1) - 1;
        int unknown = 0;
        for (; at > from; at -= 2) {
            int frame = ofProfile[profile.stackFrame(at)];
            int next = ofProfile[profile.stackFrame(at - 1)];
            unknown |= frame | next;
            stacks.frames(frame, next);
        }
        if (at == from) {
            int frame = ofProfile[profile.stackFrame(at)];
            unknown |= frame;
            stacks.frames(frame, -1);
        }
        return unknown < 0 ? -1 : stacks.find();
    }

    /** Remembers the number of the stack that was looked for last. */
    void put(int stack) {
        stacks.put(stack);
    }

    /** Bytes taken. */
    long bytes() {
        return frames.bytes() + stacks.bytes();
    }
}
