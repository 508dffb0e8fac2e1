package io.flarepath.api.ingest.pprof;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The distinct stacks of a pprof, as location indices, leaf first. Writers repeat a stack for every
 * label and every moment: held once, an upload of millions of samples takes little memory.
 */
final class StackTable {
    /** Not known outside, so that nobody can send stacks that all fall into one place. */
    private static final long FACTOR = new SecureRandom().nextLong() | 1;

    private final Charged memory;
    private final IntColumn locations;
    private final IntColumn starts;
    private final IntColumn hashes;

    /** 1 + index of a stack, 0 where there is none; a power of two long, at most half full. */
    private int[] places = new int[256];

    StackTable(Charged memory) {
        this.memory = memory;
        this.locations = new IntColumn(memory);
        this.starts = new IntColumn(memory);
        this.hashes = new IntColumn(memory);
    }

    /** The index of a stack, which is added when it is new. */
    int index(int[] stack, int depth) {
        int hash = hash(stack, depth);
        int place = hash & (places.length - 1);
        for (int known = places[place]; known != 0; known = places[place]) {
            if (hashes.get(known - 1) == hash && isAt(known - 1, stack, depth)) {
                return known - 1;
            }
            place = (place + 1) & (places.length - 1);
        }
        int index = starts.size();
        places[place] = index + 1;
        starts.add(locations.size());
        hashes.add(hash);
        locations.add(stack, depth);
        if (2 * starts.size() > places.length) {
            spread();
        }
        return index;
    }

    private static int hash(int[] stack, int depth) {
        long hash = depth;
        int i = 0;
        for (; i + 1 < depth; i += 2) {
            hash = (hash ^ (stack[i] | (long) stack[i + 1] << 32)) * FACTOR;
            hash ^= hash >>> 32;
        }
        if (i < depth) {
            hash = (hash ^ stack[i]) * FACTOR;
            hash ^= hash >>> 32;
        }
        return (int) hash;
    }

    private boolean isAt(int index, int[] stack, int depth) {
        int start = starts.get(index);
        return end(index) - start == depth && locations.isAt(start, stack, depth);
    }

    private void spread() {
        memory.charge(4L * places.length);
        places = new int[places.length * 2];
        for (int index = 0; index < starts.size(); index++) {
            int place = hashes.get(index) & (places.length - 1);
            while (places[place] != 0) {
                place = (place + 1) & (places.length - 1);
            }
            places[place] = index + 1;
        }
    }

    /** Takes all stacks away; the room stays. */
    void clear() {
        if (starts.size() > 0) {
            Arrays.fill(places, 0);
        }
        locations.clear();
        starts.clear();
        hashes.clear();
    }

    /** How many stacks there are. */
    int size() {
        return starts.size();
    }

    /** Where a stack starts. */
    int start(int index) {
        return starts.get(index);
    }

    /** Where a stack ends. */
    int end(int index) {
        return index + 1 < starts.size() ? starts.get(index + 1) : locations.size();
    }

    /** Copies the locations of a stack, for which there must be room. */
    void copy(int index, int[] into) {
        int start = starts.get(index);
        locations.copy(start, into, end(index) - start);
    }

    /** The location at a place between start and end. */
    int location(int place) {
        return locations.get(place);
    }
}
