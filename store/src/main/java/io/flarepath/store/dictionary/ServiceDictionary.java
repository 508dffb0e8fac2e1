package io.flarepath.store.dictionary;

import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.profile.Profile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary of one service: the epoch that is written to, and older ones that are only read.
 * The lock makes one writer; whoever writes holds it from the first {@link #intern} until {@link
 * #committed} or {@link #unload}.
 */
public final class ServiceDictionary {
    /** So many pieces are worth joining. */
    private static final int JOIN_PIECES = 16;

    /**
     * A piece is joined with those behind it when it is at most so many times as long as they are
     * together: so each is written again a few times only, however long the dictionary grows.
     */
    private static final int JOIN_FACTOR = 2;

    private static final long DAY_NANOS = 86_400_000_000_000L;

    private final Dictionaries all;
    private final int tenant;
    private final int service;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, LoadedEpoch> loaded = new HashMap<>();
    private @Nullable Dictionary current;

    /** What is left of the current dictionary when it was let go; all else of it is as stored. */
    private @Nullable KnownStacks known;

    /** Whether the dictionary that was let go is full. */
    private boolean full;

    private Counts stored = Counts.NONE;
    private int epoch = -1;

    /** When the epoch began, nanoseconds since 1970; 0 when that was not kept. */
    private long begun;

    private int nextSequence;

    /** Where the epoch lies, in order. */
    private final List<PlacedPiece> pieces = new ArrayList<>();

    /** Length of the piece that was staged last. */
    private int stagedBytes;

    private volatile long lastUse;
    private volatile long bytes;

    /** Whether there is more than {@link #known}. */
    private volatile boolean isLoaded;

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
        if (known == null) {
            current();
        }
        return epoch;
    }

    /**
     * Begins a write: what a full dictionary does not know goes to a new epoch, of which there is
     * one a day of UTC at most. Needs the lock; nothing may have been interned since the last
     * commit.
     */
    public void begin(long nowNanos) {
        if (known != null && (!full || nowNanos / DAY_NANOS <= begun / DAY_NANOS)) {
            return;
        }
        Dictionary dictionary = current();
        boolean stagedAll = dictionary.counts().equals(stored);
        if (dictionary.isFull() && stagedAll && nowNanos / DAY_NANOS > begun / DAY_NANOS) {
            loaded.put(epoch, new LoadedEpoch(epoch, dictionary, nextSequence, List.of(), true));
            beginEpoch(epoch + 1);
            begun = nowNanos;
            bytes = loadedBytes();
        } else if (stored.equals(Counts.NONE) && begun == 0) {
            begun = nowNanos;
        }
    }

    private void beginEpoch(int number) {
        current = all.empty();
        epoch = number;
        stored = Counts.NONE;
        nextSequence = 0;
        pieces.clear();
        begun = 0;
    }

    /** The numbers of a profile's stacks. Needs the lock. */
    public int[] intern(Profile profile) {
        int[] ids = known == null ? null : known.find(profile);
        return ids == null ? current().internStacks(profile) : ids;
    }

    /** How many stacks did not fit in, since it was loaded. Needs the lock. */
    public long folded() {
        return current == null ? 0 : current.folded();
    }

    /** Puts what was added since the last commit into a batch. Needs the lock. */
    public void stage(Batch batch) {
        Dictionary dictionary = current;
        if (dictionary == null) {
            return;
        }
        if (stored.equals(Counts.NONE)) {
            all.stageBegun(batch, tenant, service, epoch, begun);
        }
        if (!dictionary.counts().equals(stored)) {
            stagedBytes = stagePiece(batch, dictionary, stored);
        }
    }

    /** Puts the next piece into a batch and tells its length. */
    private int stagePiece(Batch batch, Dictionary dictionary, Counts from) {
        byte[] piece = DictionaryCodec.encode(dictionary, from, all.zstd());
        batch.put(Family.DICTIONARY, Dictionaries.key(tenant, service, epoch, nextSequence), piece);
        return piece.length;
    }

    /** The staged batch was written: readers may see it. Needs the lock. */
    public void committed() {
        Dictionary dictionary = current;
        if (dictionary != null && !dictionary.counts().equals(stored)) {
            pieces.add(new PlacedPiece(nextSequence++, stored, stagedBytes));
            stored = dictionary.counts();
            dictionary.publish();
            bytes = loadedBytes();
        }
    }

    /**
     * Joins the last pieces, if there are enough of them: one is a good deal shorter than many. It
     * takes their place in one batch, which no stack is in: whatever of it is lost, all numbers
     * mean what they did.
     */
    void join(Engine engine) {
        lock.lock();
        try {
            int first = firstToJoin();
            if (pieces.size() - first < JOIN_PIECES) {
                return;
            }
            Dictionary dictionary = current();
            if (!dictionary.counts().equals(stored) || pieces.size() - first < JOIN_PIECES) {
                return;
            }
            Batch batch = new Batch();
            List<PlacedPiece> old = pieces.subList(first, pieces.size());
            for (PlacedPiece piece : old) {
                batch.delete(
                        Family.DICTIONARY,
                        Dictionaries.key(tenant, service, epoch, piece.sequence()));
            }
            Counts from = old.getFirst().from();
            int length = stagePiece(batch, dictionary, from);
            boolean written = false;
            try {
                engine.write(batch);
                written = true;
            } finally {
                if (!written) {
                    unload();
                }
            }
            old.clear();
            pieces.add(new PlacedPiece(nextSequence++, from, length));
        } finally {
            lock.unlock();
        }
    }

    private int firstToJoin() {
        int first = pieces.size();
        long behind = 0;
        while (first > 0
                && (behind == 0 || pieces.get(first - 1).bytes() <= JOIN_FACTOR * behind)) {
            first--;
            behind += pieces.get(first).bytes();
        }
        return first;
    }

    /**
     * Lets go of the dictionary, but for what numbers the stacks that it knows: uploads bring few
     * that are new.
     */
    void release() {
        lock.lock();
        try {
            Dictionary dictionary = current;
            if (dictionary == null || !dictionary.counts().equals(stored)) {
                return;
            }
            known = dictionary.known();
            full = dictionary.isFull();
            current = null;
            loaded.clear();
            bytes = known.bytes();
            isLoaded = false;
        } finally {
            lock.unlock();
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
            known = null;
            isLoaded = false;
            epoch = -1;
            stored = Counts.NONE;
            nextSequence = 0;
            pieces.clear();
            begun = 0;
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
                if (all.isOverBudget()) {
                    // A range over many epochs reads one after the other.
                    loaded.clear();
                }
                old = all.load(tenant, service, wanted);
                loaded.put(wanted, old);
                bytes = loadedBytes();
            }
            return old.dictionary().view();
        } finally {
            lock.unlock();
        }
    }

    private Dictionary current() {
        if (current != null) {
            return current;
        }
        int newest = Math.max(0, all.newestEpoch(tenant, service));
        LoadedEpoch read = all.load(tenant, service, newest);
        Dictionary writable = read.dictionary();
        if (known != null && newest == epoch && read.whole() && writable.counts().equals(stored)) {
            writable.adopt(known);
        }
        known = null;
        isLoaded = true;
        epoch = newest;
        begun = all.begun(tenant, service, newest);
        nextSequence = read.nextSequence();
        if (read.whole()) {
            stored = writable.counts();
            pieces.clear();
            pieces.addAll(read.pieces());
            bytes = writable.bytes();
        } else {
            // Numbers behind a lost piece may be in use: never hand them out again.
            loaded.put(newest, read);
            bytes = writable.bytes();
            writable = all.empty();
            beginEpoch(newest + 1);
        }
        current = writable;
        return writable;
    }

    /** Forgets an epoch that nothing refers to any more. Needs the lock. */
    void forget(int old) {
        loaded.remove(old);
        bytes = loadedBytes();
    }

    private long loadedBytes() {
        Dictionary writable = current;
        KnownStacks rest = known;
        long sum = rest == null ? 0 : rest.bytes();
        sum += writable == null ? 0 : writable.bytes();
        for (LoadedEpoch old : loaded.values()) {
            sum += old.dictionary().bytes();
        }
        return sum;
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

    /** Whether there is more in memory than what numbers known stacks. */
    boolean isLoaded() {
        return isLoaded;
    }
}
