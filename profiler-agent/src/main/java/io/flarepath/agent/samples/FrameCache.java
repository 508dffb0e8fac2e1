package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Frames that were named, by what they were found in and their address there; shared by all
 * processes. Bounded: when it is full it starts over.
 */
final class FrameCache {
    private static final int MAX_FRAMES = 1 << 14;

    /** The frames of an address, inlined ones first. */
    private record Named(Frame[] frames) {}

    private @Nullable Object[] owners = new @Nullable Object[1024];
    private long[] addresses = new long[1024];
    private @Nullable Named[] frames = new @Nullable Named[1024];
    private final Map<Frame, Frame> distinct = new HashMap<>();
    private int size;

    /**
     * The frames of an address that was named before, inlined ones first; or null.
     *
     * @param owner the executable, or whatever else gives addresses their meaning; by identity
     */
    Frame @Nullable [] get(Object owner, long address) {
        Named known = frames[slot(owner, address)];
        return known == null ? null : known.frames;
    }

    /** Keeps frames; gives the objects that are used for all equal ones. */
    Frame[] put(Object owner, long address, Frame... named) {
        if (size >= MAX_FRAMES) {
            clear();
        } else if (size * 2 >= owners.length) {
            grow();
        }
        Frame[] kept = new Frame[named.length];
        for (int i = 0; i < kept.length; i++) {
            Frame earlier = distinct.putIfAbsent(named[i], named[i]);
            kept[i] = earlier == null ? named[i] : earlier;
        }
        int slot = slot(owner, address);
        if (owners[slot] == null) {
            size++;
        }
        owners[slot] = owner;
        addresses[slot] = address;
        frames[slot] = new Named(kept);
        return kept;
    }

    /** Forgets all, since names may have changed. */
    void clear() {
        owners = new @Nullable Object[1024];
        addresses = new long[1024];
        frames = new @Nullable Named[1024];
        distinct.clear();
        size = 0;
    }

    private void grow() {
        @Nullable Object[] oldOwners = owners;
        long[] oldAddresses = addresses;
        @Nullable Named[] oldFrames = frames;
        owners = new @Nullable Object[oldOwners.length * 2];
        addresses = new long[owners.length];
        frames = new @Nullable Named[owners.length];
        for (int i = 0; i < oldOwners.length; i++) {
            Object owner = oldOwners[i];
            if (owner != null) {
                int slot = slot(owner, oldAddresses[i]);
                owners[slot] = owner;
                addresses[slot] = oldAddresses[i];
                frames[slot] = oldFrames[i];
            }
        }
    }

    // Owners are told apart by identity: two equal ones would only be named twice.
    @SuppressWarnings("ReferenceEquality")
    private int slot(Object owner, long address) {
        int mask = owners.length - 1;
        long mixed = (address + System.identityHashCode(owner)) * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & mask;
        while (true) {
            Object there = owners[slot];
            if (there == null || (there == owner && addresses[slot] == address)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}
