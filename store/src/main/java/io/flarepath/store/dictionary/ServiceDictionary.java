package io.flarepath.store.dictionary;

import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Family;
import io.flarepath.store.profile.Profile;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of one service: the epoch that is written to, and older ones that are only read.
 * The lock makes one writer; whoever writes holds it from the first {@link #intern} until {@link
 * #committed} or {@link #unload}.
 */
public final class ServiceDictionary {
    /** Pieces of one write each; beyond this many they are joined when they are next loaded. */
    private static final int JOIN_PIECES = 256;

    private final Dictionaries all;
    private final int tenant;
    private final int service;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, LoadedEpoch> loaded = new HashMap<>();
    private @Nullable Dictionary current;
    private Counts stored = Counts.NONE;
    private int epoch = -1;
    private int nextSequence;
    private boolean joining;
    private volatile long lastUse;
    private volatile long bytes;

    ServiceDictionary(Dictionaries all, int tenant, int service) {
        this.all = all;
        this.tenant = tenant;
        this.service = service;
    }

    /** Held by the one who writes. */
    public ReentrantLock lock() {
        return lock;
    }

    /** The epoch that new stacks go to. Needs the lock. */
    public int epoch() {
        current();
        return epoch;
    }

    /** The numbers of a profile's stacks. Needs the lock. */
    public int[] intern(Profile profile) {
        return current().internStacks(profile);
    }

    /** How many stacks did not fit in, since it was loaded. Needs the lock. */
    public long folded() {
        return current().folded();
    }

    /** Puts what was added since the last commit into a batch. Needs the lock. */
    public void stage(Batch batch) {
        Dictionary dictionary = current();
        if (joining) {
            for (int sequence = 0; sequence < nextSequence; sequence++) {
                batch.delete(Family.DICTIONARY, Dictionaries.key(tenant, service, epoch, sequence));
            }
        }
        Counts from = joining ? Counts.NONE : stored;
        if (!dictionary.counts().equals(from)) {
            batch.put(
                    Family.DICTIONARY,
                    Dictionaries.key(tenant, service, epoch, nextSequence),
                    DictionaryCodec.encode(dictionary, from, all.zstd()));
        }
    }

    /** The staged batch was written: readers may see it. Needs the lock. */
    public void committed() {
        Dictionary dictionary = current();
        if (!dictionary.counts().equals(stored) || joining) {
            stored = dictionary.counts();
            nextSequence++;
            joining = false;
            dictionary.publish();
            bytes = dictionary.bytes();
        }
    }

    /**
     * Forgets what is in memory; it is read again when it is next needed. After a failed write this
     * takes back what was added.
     */
    public void unload() {
        lock.lock();
        try {
            loaded.clear();
            current = null;
            epoch = -1;
            stored = Counts.NONE;
            nextSequence = 0;
            joining = false;
            bytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The epoch that is written to; there is nothing behind it. */
    public int newestEpoch() {
        lock.lock();
        try {
            return epoch();
        } finally {
            lock.unlock();
        }
    }

    /** What readers see of an epoch. */
    public DictionaryView view(int wanted) {
        lock.lock();
        try {
            Dictionary writable = current();
            if (wanted == epoch) {
                return writable.view();
            }
            LoadedEpoch old = loaded.get(wanted);
            if (old == null) {
                old = all.load(tenant, service, wanted);
                loaded.put(wanted, old);
                bytes = bytes() + old.dictionary().bytes();
            }
            return old.dictionary().view();
        } finally {
            lock.unlock();
        }
    }

    private Dictionary current() {
        Dictionary known = current;
        if (known != null) {
            return known;
        }
        int newest = Math.max(0, all.newestEpoch(tenant, service));
        LoadedEpoch read = all.load(tenant, service, newest);
        Dictionary writable = read.dictionary();
        epoch = newest;
        nextSequence = read.nextSequence();
        if (read.whole()) {
            stored = writable.counts();
            joining = read.pieces() > JOIN_PIECES;
            bytes = writable.bytes();
        } else {
            // Numbers behind a lost piece may be in use: never hand them out again.
            loaded.put(newest, read);
            bytes = writable.bytes();
            writable = all.empty();
            epoch = newest + 1;
            stored = Counts.NONE;
            nextSequence = 0;
            joining = false;
        }
        current = writable;
        return writable;
    }

    void touch(long now) {
        lastUse = now;
    }

    long lastUse() {
        return lastUse;
    }

    long bytes() {
        return bytes;
    }
}
