package io.flarepath.api.server;

import io.flarepath.store.query.Allowance;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of platform threads for work that blocks or computes for long: decoding, the
 * store, merging. Event loops hand it work and get the outcome back on their own thread. Safe for
 * many threads.
 */
public final class BlockingCalls implements AutoCloseable {
    private final Vertx vertx;
    private final String name;
    private final int threads;
    private final int queueSize;
    private final ThreadPoolExecutor pool;
    private final @Nullable Supplier<Allowance> allowances;

    /**
     * Starts the pool.
     *
     * @param name what the work is, for thread names and messages: {@code ingest}, {@code query}
     * @param threads how many pieces of work run at once
     * @param queueSize how many wait before further ones are refused
     */
    public BlockingCalls(Vertx vertx, String name, int threads, int queueSize) {
        this.vertx = vertx;
        this.name = name;
        this.threads = threads;
        this.queueSize = queueSize;
        this.pool =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(queueSize),
                        Thread.ofPlatform().name("flarepath-" + name + "-", 0).factory());
        this.allowances = null;
    }

    private BlockingCalls(BlockingCalls of, Supplier<Allowance> allowances) {
        this.vertx = of.vertx;
        this.name = of.name;
        this.threads = of.threads;
        this.queueSize = of.queueSize;
        this.pool = of.pool;
        this.allowances = allowances;
    }

    /**
     * The same pool, for answers that may cost so much.
     *
     * @param allowances makes one for each request when it comes
     */
    public BlockingCalls within(Supplier<Allowance> allowances) {
        return new BlockingCalls(this, allowances);
    }

    /**
     * Runs the work that answers a request on the pool: within its allowance, if there is one, and
     * no longer than the client waits.
     *
     * @return as {@link #call}
     */
    public <T> Future<T> answer(RoutingContext context, Callable<T> work) {
        if (allowances == null) {
            return call(work);
        }
        Allowance allowance = allowances.get();
        // Comes when the answer was sent, too, and harms nobody then.
        context.addEndHandler(ended -> allowance.cancel());
        return call(() -> allowance.within(work));
    }

    /** Twice the cores, for work of which half waits for the disk. */
    public static int waitingThreads() {
        return 2 * Runtime.getRuntime().availableProcessors();
    }

    /**
     * One more than the cores, for work that computes: more at once take no less time together,
     * each of them takes longer, and all hold what they have made so far.
     */
    public static int computingThreads() {
        return 1 + Runtime.getRuntime().availableProcessors();
    }

    /** How many pieces of work run at once. */
    public int threads() {
        return threads;
    }

    /**
     * Runs the work on the pool.
     *
     * @return its outcome, delivered on the caller's event loop; fails with {@link Overloaded} when
     *     the queue is full
     */
    public <T> Future<T> call(Callable<T> work) {
        Context context = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        try {
            pool.execute(() -> run(work, context, promise));
        } catch (RejectedExecutionException e) {
            return Future.failedFuture(refusal());
        }
        return promise.future();
    }

    private static <T> void run(Callable<T> work, Context context, Promise<T> promise) {
        try {
            T outcome = work.call();
            context.runOnContext(ignored -> promise.complete(outcome));
        } catch (Exception | Error failure) {
            context.runOnContext(ignored -> promise.fail(failure));
        }
    }

    private ApiError refusal() {
        if (pool.isShutdown()) {
            return new ApiError(503, "unavailable", "the server is stopping");
        }
        return new Overloaded(
                queueSize
                        + " requests of kind \""
                        + name
                        + "\" wait already, which is the limit: try again later");
    }

    /** How many pieces of work wait. */
    public int queued() {
        return pool.getQueue().size();
    }

    /** How many pieces of work run. */
    public int running() {
        return pool.getActiveCount();
    }

    /** Takes no further work and waits up to four seconds for what was taken. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(4, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
