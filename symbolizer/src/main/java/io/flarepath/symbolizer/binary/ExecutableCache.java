package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.Executable.Identified;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Executables by file, then by content: the same library of two containers is loaded once. Bounded
 * by number and bytes, least recently used out first. Failures are remembered too. Thread-safe.
 *
 * <p>Processes hold on to their executables. So what has no room here any more loses its symbols
 * rather than being loaded once more beside itself: there is one object for one content, always.
 */
public final class ExecutableCache {
    /** What a file could not be opened for may pass: a process ends, another one maps the file. */
    private static final long RETRY_NANOS = 10_000_000_000L;

    private static final int FILES_PER_EXECUTABLE = 4;

    /** Opens a file; the cache closes it. */
    @FunctionalInterface
    public interface Opener {
        FileChannel open() throws IOException;
    }

    /** Finds the symbol file that was made of an executable before. */
    @FunctionalInterface
    public interface ReadySymbols {
        /** The symbol file for {@link Executable#identity()}, or null. */
        @Nullable SymbolFile find(String identity);
    }

    /** What became of a file. */
    public sealed interface Outcome {}

    /** The file was read. */
    public record Loaded(Executable executable) implements Outcome {}

    /** The file could not be read; the reason is fit to be shown. */
    public record Failed(String reason) implements Outcome {}

    private static final class Slot {
        @Nullable String identity;
        @Nullable Failed failure;
        long retryNanos;
        boolean retries;
    }

    private final int maxExecutables;
    private final long maxBytes;
    private final ReadySymbols ready;
    private final LongSupplier nanoClock;
    private final Map<FileKey, Slot> files = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<String, Executable> executables = new LinkedHashMap<>(64, 0.75f, true);

    /** All that somebody still uses. */
    private final Map<String, WeakReference<Executable>> inUse = new HashMap<>();

    private long bytes;
    private long evictions;

    /**
     * @param maxExecutables how many executables are kept at most
     * @param maxBytes how many heap bytes their symbols may take together
     */
    public ExecutableCache(int maxExecutables, long maxBytes) {
        this(maxExecutables, maxBytes, identity -> null);
    }

    /**
     * A cache that reads no symbols where there is a symbol file.
     *
     * @param ready finds it, on the thread that asks for the executable
     */
    public ExecutableCache(int maxExecutables, long maxBytes, ReadySymbols ready) {
        this(maxExecutables, maxBytes, ready, System::nanoTime);
    }

    ExecutableCache(int maxExecutables, long maxBytes, ReadySymbols ready, LongSupplier nanoClock) {
        if (maxExecutables < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a cache holds at least one executable and one byte, not "
                            + maxExecutables
                            + " and "
                            + maxBytes);
        }
        this.maxExecutables = maxExecutables;
        this.maxBytes = maxBytes;
        this.ready = ready;
        this.nanoClock = nanoClock;
    }

    /**
     * The executable of a file, loaded at its first use.
     *
     * @param fileName name for its frames; the first one wins where several files are equal
     */
    public Outcome get(FileKey key, String fileName, Opener opener) {
        Slot slot;
        synchronized (this) {
            slot = files.computeIfAbsent(key, k -> new Slot());
            trimFiles();
        }
        // Only those who ask for the same file wait for its load.
        synchronized (slot) {
            Outcome known = known(slot);
            return known != null ? known : load(slot, fileName, opener);
        }
    }

    private @Nullable Outcome known(Slot slot) {
        if (slot.failure != null) {
            boolean again = slot.retries && nanoClock.getAsLong() - slot.retryNanos >= 0;
            return again ? null : slot.failure;
        }
        String identity = slot.identity;
        Executable executable = identity == null ? null : cached(identity);
        if (executable == null || executable.hasLostSymbols()) {
            return null;
        }
        return new Loaded(executable);
    }

    private Outcome load(Slot slot, String fileName, Opener opener) {
        try (FileChannel channel = opener.open()) {
            Identified file = Identified.read(ByteSource.of(channel));
            slot.identity = file.identity();
            slot.failure = null;
            Executable executable = cached(file.identity());
            if (executable == null) {
                executable = file.load(fileName, ready.find(file.identity()));
            } else if (executable.hasLostSymbols()) {
                executable.restore(file);
            }
            return new Loaded(keep(executable));
        } catch (MalformedBinaryException e) {
            return fail(slot, fileName + ": " + e.getMessage(), false);
        } catch (IOException e) {
            return fail(slot, fileName + " cannot be read: " + e, true);
        }
    }

    private Failed fail(Slot slot, String reason, boolean retries) {
        Failed failed = new Failed(reason);
        slot.failure = failed;
        slot.retries = retries;
        slot.retryNanos = nanoClock.getAsLong() + RETRY_NANOS;
        return failed;
    }

    private synchronized @Nullable Executable cached(String identity) {
        Executable kept = executables.get(identity);
        WeakReference<Executable> used = inUse.get(identity);
        return kept != null || used == null ? kept : used.get();
    }

    private synchronized Executable keep(Executable loaded) {
        Executable earlier = cached(loaded.identity());
        Executable executable = earlier == null ? loaded : earlier;
        executables.put(executable.identity(), executable);
        if (earlier == null) {
            inUse.put(executable.identity(), new WeakReference<>(executable));
        }
        // Added up anew: those that were given a symbol file take less than before.
        bytes = executables.values().stream().mapToLong(Executable::bytes).sum();
        var oldest = executables.values().iterator();
        while (bytes > maxBytes || executables.size() > maxExecutables) {
            Executable out = oldest.next();
            if (out == executable) {
                break;
            }
            bytes -= out.bytes();
            out.loseSymbols();
            oldest.remove();
            evictions++;
        }
        if (inUse.size() > 2 * maxExecutables) {
            inUse.values().removeIf(used -> used.get() == null);
        }
        return executable;
    }

    private void trimFiles() {
        var oldest = files.values().iterator();
        while (files.size() > (long) maxExecutables * FILES_PER_EXECUTABLE) {
            oldest.next();
            oldest.remove();
        }
    }

    /** Executables that are held now. */
    public synchronized int size() {
        return executables.size();
    }

    /** Heap bytes of the executables that are held now, about. */
    public synchronized long bytes() {
        return bytes;
    }

    /** How many executables were dropped for want of room. */
    public synchronized long evictions() {
        return evictions;
    }
}
