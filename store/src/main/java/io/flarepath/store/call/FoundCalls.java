package io.flarepath.store.call;

import java.util.List;
import java.util.TreeMap;

/**
 * The first calls of those that were found, in the order and as many as a query wants. A call that
 * came twice is kept once. One thread.
 */
public final class FoundCalls {
    private final CallQuery query;
    private final CallFilter filter;
    private final TreeMap<CallPlace, Call> first;

    /** Nothing found yet. */
    public FoundCalls(CallQuery query, CallFilter filter) {
        this.query = query;
        this.filter = filter;
        this.first = new TreeMap<>(query.order().places());
    }

    /** Takes what is asked for of a block. */
    public void take(CallBlock block) {
        boolean[] selected = new boolean[block.resources().size()];
        for (int i = 0; i < selected.length; i++) {
            selected[i] = filter.selects(block.resources().get(i));
        }
        for (int i = 0; i < block.size(); i++) {
            if (selected[block.resource(i)] && filter.matches(block, i)) {
                CallPlace place = block.place(i);
                if (isWanted(place)) {
                    take(place, block.get(i));
                }
            }
        }
    }

    /** Takes a call that was found elsewhere. */
    public void take(Call call) {
        if (isWanted(call.place())) {
            take(call.place(), call);
        }
    }

    private boolean isWanted(CallPlace place) {
        CallPlace after = query.after();
        return (after == null || query.order().places().compare(place, after) > 0)
                && (!isFull() || query.order().places().compare(place, first.lastKey()) < 0);
    }

    private void take(CallPlace place, Call call) {
        first.putIfAbsent(place, call);
        if (first.size() > query.limit()) {
            first.pollLastEntry();
        }
    }

    /** Whether there are as many as are wanted. */
    private boolean isFull() {
        return first.size() >= query.limit();
    }

    /** Whether a block can have none of the first, by what its head says. */
    public boolean isBehind(CallSummary summary) {
        if (!isFull()) {
            return false;
        }
        CallPlace last = first.lastKey();
        return switch (query.order()) {
            case NEWEST -> summary.lastNanos() < last.startNanos();
            case SLOWEST -> summary.longestNanos() < last.durationNanos();
        };
    }

    /** Whether no call that began before an instant can be among the first. */
    public boolean isBehind(long nanos) {
        return isFull()
                && query.order() == CallOrder.NEWEST
                && nanos <= first.lastKey().startNanos();
    }

    /** The calls, in order. */
    public List<Call> calls() {
        return List.copyOf(first.values());
    }
}
