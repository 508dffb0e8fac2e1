package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.upload.StackBuilder;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Profile;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Adds up the stacks of an upload that come root first: a stack is a node, which knows its parent
 * and its frame. Equal stacks are one node, however often they come. Node 0 is the root, which has
 * no frame. Used by one thread.
 */
final class CallTree {
    static final int ROOT = 0;

    private static final int BYTES_A_NODE = 32;

    /** Not known outside, so that nobody can send stacks that all fall into one place. */
    private static final long FACTOR = new SecureRandom().nextLong() | 1;

    private final StackRules rules;
    private final UploadMemory memory;
    private int[] parents = new int[64];
    private int[] frames = new int[64];
    private int[] depths = new int[64];
    private long[] counts = new long[64];
    private int size = 1;

    /** The number of a node, 0 where there is none; a power of two long, at most half full. */
    private int[] places = new int[256];

    CallTree(StackRules rules, UploadMemory memory) {
        this.rules = rules;
        this.memory = memory;
    }

    /**
     * The node of a frame that a node calls; made when it is new.
     *
     * @throws ApiError 400 when the stack is deeper than the rules take
     */
    int child(int parent, int frame) {
        int place = placeOf(parent, frame);
        for (int node = places[place]; node != 0; node = places[place]) {
            if (parents[node] == parent && frames[node] == frame) {
                return node;
            }
            place = (place + 1) & (places.length - 1);
        }
        rules.check(depths[parent] + 1L);
        if (size == parents.length) {
            grow();
            return child(parent, frame);
        }
        parents[size] = parent;
        frames[size] = frame;
        depths[size] = depths[parent] + 1;
        places[place] = size;
        return size++;
    }

    private int placeOf(int parent, int frame) {
        long hash = (((long) parent << 32) ^ frame) * FACTOR;
        return (int) (hash ^ (hash >>> 32)) & (places.length - 1);
    }

    private void grow() {
        int length = 2 * size;
        memory.charge((long) BYTES_A_NODE * length);
        parents = Arrays.copyOf(parents, length);
        frames = Arrays.copyOf(frames, length);
        depths = Arrays.copyOf(depths, length);
        counts = Arrays.copyOf(counts, length);
        places = new int[4 * length];
        for (int node = 1; node < size; node++) {
            int place = placeOf(parents[node], frames[node]);
            while (places[place] != 0) {
                place = (place + 1) & (places.length - 1);
            }
            places[place] = node;
        }
    }

    /** The node that calls a node; the root's is the root. */
    int parent(int node) {
        return parents[node];
    }

    /** The frame of a node that is not the root. */
    int frame(int node) {
        return frames[node];
    }

    /**
     * Adds to the stack that ends in a node.
     *
     * @throws ApiError 400 when its sum is too large
     */
    void add(int node, long count) {
        try {
            counts[node] = Math.addExact(counts[node], count);
        } catch (ArithmeticException e) {
            throw tooMuch();
        }
    }

    private static ApiError tooMuch() {
        return ApiError.invalid("the values of a stack add up to more than 2^63");
    }

    /** What stacks without a frame count. */
    long rootCount() {
        return counts[ROOT];
    }

    /**
     * Adds all stacks that count something to a profile.
     *
     * @param named the frames that the nodes refer to
     * @param factor what one of the counts stands for
     * @throws ApiError 400 when a value is too large
     */
    void into(Profile.Builder profile, StackBuilder stacks, FrameNames named, long factor) {
        int[] numbers = named.scratch();
        for (int leaf = 1; leaf < size; leaf++) {
            if (counts[leaf] == 0) {
                continue;
            }
            for (int node = leaf; node != ROOT; node = parents[node]) {
                int frame = frames[node];
                if (numbers[frame] == 0) {
                    numbers[frame] = profile.frame(named.frame(frame)) + 1;
                }
                stacks.push(numbers[frame] - 1);
            }
            stacks.finish(product(counts[leaf], factor));
        }
    }

    private static long product(long count, long factor) {
        try {
            return Math.multiplyExact(count, factor);
        } catch (ArithmeticException e) {
            throw tooMuch();
        }
    }
}
