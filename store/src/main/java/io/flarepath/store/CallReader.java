package io.flarepath.store;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallBlock;
import io.flarepath.store.call.CallFilter;
import io.flarepath.store.call.CallIndex;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.call.CallPlace;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.call.CallSummary;
import io.flarepath.store.call.FoundCalls;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.TimeRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way out of calls. Blocks are looked at by what is known of them without unpacking, the most
 * promising first, until none that is left can have one of the calls that are asked for.
 */
final class CallReader {
    private final Engine engine;
    private final ZstdPool zstd;
    private final CallSizes sizes;
    private final Damage damage;

    CallReader(Engine engine, ZstdPool zstd, CallSizes sizes, Damage damage) {
        this.engine = engine;
        this.zstd = zstd;
        this.sizes = sizes;
        this.damage = damage;
    }

    /**
     * Reads.
     *
     * @param firstWindow what is older is not read
     */
    List<Call> read(int tenant, int firstWindow, CallQuery query) {
        CallFilter filter = new CallFilter(query);
        FoundCalls found = new FoundCalls(query, filter);
        try (View view = engine.view()) {
            Scan scan = new Scan(view, tenant, filter, found);
            List<Integer> windows = windows(firstWindow, until(query)).reversed();
            if (query.order() == CallOrder.NEWEST) {
                for (int window : windows) {
                    if (found.isBehind((window + 1) * ProfileKey.WINDOW_NANOS)) {
                        break;
                    }
                    scan.read(List.of(window), Comparator.comparingLong(Block::lastNanos));
                }
            } else {
                scan.read(windows, Comparator.comparingLong(Block::longestNanos));
            }
        }
        return found.calls();
    }

    /** Behind a place that is newer than the rest nothing is looked at. */
    private static TimeRange until(CallQuery query) {
        CallPlace after = query.after();
        TimeRange range = query.range();
        return after != null
                        && query.order() == CallOrder.NEWEST
                        && after.startNanos() < range.untilNanos()
                ? new TimeRange(
                        Math.min(range.fromNanos(), after.startNanos() + 1), after.startNanos() + 1)
                : range;
    }

    private List<Integer> windows(int firstWindow, TimeRange range) {
        List<Integer> windows = new ArrayList<>();
        if (range.untilNanos() <= Math.max(0, range.fromNanos())) {
            return windows;
        }
        int first = Math.max(firstWindow, ProfileKey.windowOf(Math.max(0, range.fromNanos())));
        int last = ProfileKey.windowOf(range.untilNanos() - 1);
        for (int window : sizes.windows()) {
            if (window >= first && window <= last) {
                windows.add(window);
            }
        }
        return windows;
    }

    /** Whether there is anything of a service, or of any, in the windows of a range. */
    boolean isAny(int tenant, int firstWindow, @Nullable String service, TimeRange range) {
        try (View view = engine.view();
                Cursor parts = view.scan(Family.CALL_PARTS);
                Cursor index = view.scan(Family.CALL_INDEX)) {
            for (int window : windows(firstWindow, range)) {
                seek(parts, window, tenant, service);
                seek(index, window, tenant, service);
                if (parts.next() || index.next()) {
                    return true;
                }
            }
            return false;
        }
    }

    private static void seek(Cursor cursor, int window, int tenant, @Nullable String service) {
        if (service == null) {
            cursor.seek(CallKey.first(window, tenant), CallKey.first(window, tenant + 1));
        } else {
            CallKey first = new CallKey(window, tenant, CallKey.service(service), 0);
            cursor.seek(first.toBytes(), first.afterService());
        }
    }

    /** A block that may have calls that are asked for. */
    private record Block(Family family, byte[] key, CallSummary summary) {
        private long lastNanos() {
            return summary.lastNanos();
        }

        private long longestNanos() {
            return summary.longestNanos();
        }
    }

    /** One query over the store as it is at one moment. */
    private final class Scan {
        private final View view;
        private final int tenant;
        private final CallFilter filter;
        private final FoundCalls found;
        private final Allowance allowance = Allowance.current();

        private Scan(View view, int tenant, CallFilter filter, FoundCalls found) {
            this.view = view;
            this.tenant = tenant;
            this.filter = filter;
            this.found = found;
        }

        /** Takes what is asked for out of windows, of the blocks with the greatest figure first. */
        private void read(List<Integer> windows, Comparator<Block> by) {
            List<Block> blocks = new ArrayList<>();
            try (Cursor parts = view.scan(Family.CALL_PARTS);
                    Cursor index = view.scan(Family.CALL_INDEX)) {
                for (int window : windows) {
                    seek(parts, window, tenant, filter.service());
                    while (parts.next()) {
                        add(blocks, parts.key(), () -> part(parts.value()), Family.CALL_PARTS);
                    }
                    seek(index, window, tenant, filter.service());
                    while (index.next()) {
                        add(blocks, index.key(), () -> indexed(index.value()), Family.CALLS);
                    }
                }
            }
            blocks.sort(by.reversed());
            for (Block block : blocks) {
                if (found.isBehind(block.summary())) {
                    return; // and so are the others
                }
                take(block);
            }
        }

        private @Nullable CallSummary part(byte[] value) {
            CallSummary summary = CallBlock.summary(value);
            return filter.mayHold(summary) ? summary : null;
        }

        private @Nullable CallSummary indexed(byte[] value) {
            CallIndex index = CallIndex.open(value, zstd);
            return filter.mayHold(index) ? index.summary() : null;
        }

        private void add(List<Block> blocks, byte[] key, Wanted wanted, Family family) {
            allowance.spend(1);
            try {
                CallSummary summary = wanted.summary();
                if (summary != null) {
                    blocks.add(new Block(family, key, summary));
                }
            } catch (CorruptValueException e) {
                damage.found("calls: " + e.getMessage());
            }
        }

        private void take(Block block) {
            byte[] value = view.get(block.family(), block.key());
            if (value == null) {
                damage.found("calls that are in the index are not there");
                return;
            }
            try {
                CallBlock calls = CallBlock.open(value, zstd);
                allowance.spend(calls.size());
                found.take(calls);
            } catch (CorruptValueException e) {
                damage.found("calls: " + e.getMessage());
            }
        }
    }

    /** What is known of a block if it may have calls that are asked for, else null. */
    @FunctionalInterface
    private interface Wanted {
        @Nullable CallSummary summary();
    }
}
