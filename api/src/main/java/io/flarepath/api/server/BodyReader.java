package io.flarepath.api.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;

/**
 * Reads bodies with limits that hold while they come in: size, speed, and the sum over all
 * requests. Nothing is inflated here. Safe for many event loops.
 *
 * <p>Why not Vert.x's own BodyHandler: it parses curl's default content type as a form, and it cuts
 * the connection of a client that it refuses while it sends.
 */
public final class BodyReader {
    /**
     * Which part of the memory bodies take that came in time: enough for all cores to have work at
     * hand, and little enough that none grows old in the heap.
     */
    private static final long TURNS_PART = 96;

    private final Rules rules;

    /**
     * What holds for every body.
     *
     * @param maxBytes largest body
     * @param setting by which that can be changed
     * @param memoryBytes how much of one body stays in memory; more goes to a file
     * @param memory what all bodies may hold in memory
     * @param disk what all bodies may hold in files
     * @param directory where the files are
     * @param patience how slow a client may be
     * @param turns in which order bodies are read
     */
    record Rules(
            long maxBytes,
            String setting,
            int memoryBytes,
            MemoryBudget memory,
            MemoryBudget disk,
            Path directory,
            Patience patience,
            BodyTurns turns) {}

    /**
     * How slow a client may be.
     *
     * @param graceMillis how long it may take whatever it sends
     * @param minimumBytesPerSecond its average from then on
     * @param silenceMillis longest time without a byte
     */
    public record Patience(long graceMillis, long minimumBytesPerSecond, long silenceMillis) {
        /** What holds unless a test is in a hurry. */
        public static final Patience DEFAULT = new Patience(20_000, 64 << 10, 10_000);
    }

    /**
     * A reader whose files lie in a directory of the server's own.
     *
     * @param pending how many requests wait for their body to be read before others are refused
     * @param memory what all requests may hold in memory
     */
    public BodyReader(
            long maxBytes, int pending, MemoryBudget memory, Path directory, Patience patience) {
        this(maxBytes, "limits.body", 8, pending, memory, directory, patience);
    }

    /**
     * A reader of bodies that have a limit of their own.
     *
     * @param setting by which that limit can be changed
     * @param bodies how many of the largest may lie in files at once
     * @param pending how many requests wait for their body to be read before others are refused
     * @param memory what all requests may hold in memory
     */
    public BodyReader(
            long maxBytes,
            String setting,
            int bodies,
            int pending,
            MemoryBudget memory,
            Path directory,
            Patience patience) {
        this.rules =
                new Rules(
                        maxBytes,
                        setting,
                        256 << 10,
                        memory,
                        new MemoryBudget("bodies in temporary files", bodies * maxBytes),
                        directory,
                        patience,
                        new BodyTurns(memory.bytes() / TURNS_PART, pending));
    }

    /**
     * Reads the body of a request whose handlers have not been left yet.
     *
     * @return the body, which the receiver closes; or an {@link ApiError}: 413 above the limit, 408
     *     for one that stalls, 429 when all bodies together are too large or too many wait
     */
    public Future<RequestBody> read(RoutingContext context) {
        return new BodyReading(context, rules).start();
    }

    /** Takes what a killed predecessor left behind. */
    public static void sweep(Vertx vertx, Path directory) {
        String path = directory.toString();
        if (vertx.fileSystem().existsBlocking(path)) {
            vertx.fileSystem().deleteRecursiveBlocking(path);
        }
        vertx.fileSystem().mkdirsBlocking(path, "rwx------");
    }
}
