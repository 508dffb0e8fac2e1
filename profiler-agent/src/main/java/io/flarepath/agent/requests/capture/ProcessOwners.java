package io.flarepath.agent.requests.capture;

import io.flarepath.agent.processes.ProcessOwner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Remembers whose processes are, from their first connection on: when a window is sent they may be
 * gone. Asks again when one that was asked for a while ago has a new connection: its pid may be
 * that of another one by then. Safe for several threads.
 */
final class ProcessOwners {
    private static final int MOST = 2048;
    private static final long RECHECK_NANOS = 1_000_000_000;

    /** Whoever needs a name waits so long for it after it was asked for. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final IntFunction<CompletableFuture<ProcessOwner>> source;
    private final LinkedHashMap<Integer, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** Processes of which is known now that they are not to be told of, and was not when asked. */
    private final List<Integer> refused = new ArrayList<>();

    private static final class Entry {
        private @Nullable ProcessOwner known;
        private @Nullable CompletableFuture<ProcessOwner> asked;

        /** When it was asked for last. */
        private long askedNanos;
    }

    /**
     * @param source tells later who a process is; a question may be cancelled, and is then asked
     *     again
     */
    ProcessOwners(IntFunction<CompletableFuture<ProcessOwner>> source) {
        this.source = source;
    }

    /** Asks for a process that has a new connection; false if it is known not to be told of. */
    boolean look(int pid) {
        CompletableFuture<ProcessOwner> asked = ask(pid);
        if (asked != null) {
            CompletableFuture<ProcessOwner> _ =
                    asked.whenComplete((owner, _) -> answered(pid, owner));
        }
        return isToldOf(pid);
    }

    private synchronized @Nullable CompletableFuture<ProcessOwner> ask(int pid) {
        Entry entry = entries.computeIfAbsent(pid, unknown -> new Entry());
        long now = System.nanoTime();
        boolean fresh = entry.known != null && now - entry.askedNanos < RECHECK_NANOS;
        if (entry.asked != null || fresh) {
            return null;
        }
        entry.askedNanos = now;
        entry.asked = source.apply(pid);
        if (entries.size() > MOST) {
            entries.pollFirstEntry();
        }
        return entry.asked;
    }

    private synchronized boolean isToldOf(int pid) {
        Entry entry = entries.get(pid);
        ProcessOwner known = entry == null ? null : entry.known;
        return known == null || known.resource() != null;
    }

    private synchronized void answered(int pid, @Nullable ProcessOwner owner) {
        Entry entry = entries.get(pid);
        if (entry == null) {
            return;
        }
        entry.asked = null;
        // What nobody has seen any more is still what it was.
        if (owner != null && (owner.seen() || entry.known == null)) {
            entry.known = owner;
            if (owner.resource() == null) {
                refused.add(pid);
            }
        }
    }

    /** Gives the processes of which was heard since the last time that they are not told of. */
    synchronized List<Integer> takeRefused() {
        List<Integer> taken = List.copyOf(refused);
        refused.clear();
        return taken;
    }

    /**
     * Resource attributes of a process that had a connection, or null if they are not known. Waits
     * if it was asked for just now.
     */
    @Nullable SortedMap<String, String> resource(int pid) {
        CompletableFuture<ProcessOwner> asked;
        long left;
        synchronized (this) {
            Entry entry = entries.get(pid);
            if (entry == null) {
                return null;
            }
            asked = entry.asked;
            ProcessOwner known = entry.known;
            if (known != null || asked == null) {
                return known == null ? null : known.resource();
            }
            left = entry.askedNanos + PATIENCE_NANOS - System.nanoTime();
        }
        ProcessOwner told = await(asked, left);
        return told == null ? null : told.resource();
    }

    private static @Nullable ProcessOwner await(CompletableFuture<ProcessOwner> asked, long nanos) {
        try {
            return asked.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (TimeoutException | ExecutionException | CancellationException e) {
            return null; // It stays unknown for now.
        }
    }
}
