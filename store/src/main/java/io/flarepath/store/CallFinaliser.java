package io.flarepath.store;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallBlock;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes large blocks of the small ones that uploads left: as soon as they fill one, and when their
 * window is over. What is in a new block is deleted in the same batch, so a call is in one of them.
 */
final class CallFinaliser {
    /** Calls that are sorted at once, about; they lie in memory meanwhile. */
    private static final long RUN_BYTES = 32L << 20;

    private static final int RUN_CALLS = 16 * CallBlock.MOST_CALLS;

    private final Engine engine;
    private final ZstdPool zstd;
    private final CallSizes sizes;
    private final long graceNanos;
    private final Damage damage;

    CallFinaliser(Engine engine, ZstdPool zstd, CallSizes sizes, Duration grace, Damage damage) {
        this.engine = engine;
        this.zstd = zstd;
        this.sizes = sizes;
        this.graceNanos = grace.toNanos();
        this.damage = damage;
    }

    /** Does all that is due at a time, in nanoseconds since 1970. */
    synchronized void run(long nowNanos) {
        int due = nowNanos < graceNanos ? 0 : ProfileKey.windowOf(nowNanos - graceNanos);
        for (CallKey service : due(due)) {
            finish(service);
        }
    }

    /** The first key of each service and window that has enough to do. */
    private List<CallKey> due(int dueWindow) {
        List<CallKey> due = new ArrayList<>();
        try (Cursor parts = engine.scan(Family.CALL_PARTS)) {
            parts.seek(ProfileKey.first(0), ProfileKey.first(-1));
            CallKey under = null;
            int calls = 0;
            while (parts.next()) {
                CallKey key = CallKey.of(parts.key());
                if (under == null || !under.isBeside(key)) {
                    addDue(due, under, calls, dueWindow);
                    under = key;
                    calls = 0;
                }
                calls += calls(parts.value());
            }
            addDue(due, under, calls, dueWindow);
        }
        return due;
    }

    private static void addDue(
            List<CallKey> due, @Nullable CallKey service, int calls, int dueWindow) {
        if (service != null && (calls >= CallBlock.MOST_CALLS || service.window() < dueWindow)) {
            due.add(service);
        }
    }

    /** One that cannot be read is due: it is found out and removed then. */
    private static int calls(byte[] value) {
        try {
            return CallBlock.summary(value).calls();
        } catch (CorruptValueException e) {
            return CallBlock.MOST_CALLS;
        }
    }

    private void finish(CallKey service) {
        try (Cursor parts = engine.scan(Family.CALL_PARTS)) {
            parts.seek(service.toBytes(), service.afterService());
            boolean more = parts.next();
            while (more) {
                Run run = new Run();
                while (more && run.bytes < RUN_BYTES && run.calls.size() < RUN_CALLS) {
                    run.take(parts.key(), parts.value());
                    more = parts.next();
                }
                run.finish(service);
            }
        }
    }

    /** Blocks that are put together at once. */
    private final class Run {
        private final Batch batch = new Batch();
        private final List<Call> calls = new ArrayList<>();
        private long bytes;
        private long stored;

        private void take(byte[] key, byte[] value) {
            try {
                for (Call call : CallBlock.open(value, zstd).all()) {
                    calls.add(call);
                    bytes += call.bytes();
                }
            } catch (CorruptValueException e) {
                damage.found("calls: " + e.getMessage());
            }
            batch.delete(Family.CALL_PARTS, key);
            stored -= value.length;
        }

        private void finish(CallKey service) {
            calls.sort(CallWriter.OLDEST);
            long part = nextPart(service);
            // Services whose names have one hash share keys, not blocks.
            for (List<Call> ofOne : byService(calls)) {
                for (List<Call> block : CallBlock.cut(ofOne)) {
                    CallBlock.Packed packed = CallBlock.encode(block, zstd);
                    byte[] key =
                            new CallKey(
                                            service.window(),
                                            service.tenant(),
                                            service.service(),
                                            part++)
                                    .toBytes();
                    batch.put(Family.CALLS, key, packed.block());
                    batch.put(Family.CALL_INDEX, key, packed.index());
                    stored += packed.block().length + packed.index().length;
                }
            }
            engine.write(batch);
            sizes.add(service.window(), stored);
        }
    }

    private static List<List<Call>> byService(List<Call> calls) {
        return List.copyOf(calls.stream().collect(Collectors.groupingBy(Call::service)).values());
    }

    private long nextPart(CallKey service) {
        long next = 0;
        try (Cursor index = engine.scan(Family.CALL_INDEX)) {
            index.seek(
                    CallKey.first(service.window(), service.tenant(), service.service()),
                    service.afterService());
            while (index.next()) {
                next = CallKey.of(index.key()).part() + 1;
            }
        }
        return next;
    }
}
