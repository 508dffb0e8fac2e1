package io.flarepath.agent.requests.log;

import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.named.CallAttributes;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.stream.Role;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps single calls: all that failed, those slower than 99 % of their route, and one in so many of
 * the rest; no more than so many a second. What finds no place is counted. Failed ones may use all
 * of a second's places; slow ones, and what a server refused, three quarters; the rest one half.
 * Not for several threads.
 */
public final class CallLog {
    /** Calls that wait to be taken. */
    public static final int MOST_WAITING = 10_000;

    /** Routes of processes whose latency is learned; those not called for longest are forgotten. */
    private static final int MOST_ROUTES = 1024;

    private static final double NANOS = 1e-9;

    private final boolean keeps;
    private final SecondBound bound;
    private final int oneIn;
    private final LongSupplier clock;
    private final SplittableRandom random = new SplittableRandom();
    private final ThreadNames threads = new ThreadNames();
    private final LinkedHashMap<Route, LearnedLatency> latencies =
            new LinkedHashMap<>(64, 0.75f, true);
    private final Map<KeptReason, long[]> kept = counts();
    private final Map<KeptReason, long[]> dropped = counts();
    private List<KeptCall> waiting = new ArrayList<>();

    /** Place in the row of calls without a trace, and which of the next ones is kept. */
    private int inRow;

    private int chosen;

    private record Route(int pid, Protocol protocol, Role role, String operation, String route) {}

    /**
     * Nothing is kept yet.
     *
     * @param perSecond calls that are kept of one second at most; 0 keeps none
     * @param oneIn of the calls that went well and fast one in so many is kept; 0 keeps none
     */
    public CallLog(int perSecond, int oneIn) {
        this(perSecond, oneIn, System::nanoTime);
    }

    CallLog(int perSecond, int oneIn, LongSupplier clock) {
        keeps = perSecond > 0;
        this.bound = new SecondBound(perSecond);
        this.oneIn = oneIn;
        this.clock = clock;
        chosen = oneIn == 0 ? -1 : random.nextInt(oneIn);
    }

    private static Map<KeptReason, long[]> counts() {
        Map<KeptReason, long[]> counts = new EnumMap<>(KeptReason.class);
        for (KeptReason reason : KeptReason.values()) {
            counts.put(reason, new long[1]);
        }
        return counts;
    }

    /** Keeps a call, or does not. */
    public void record(NamedCall named) {
        if (!keeps) {
            return;
        }
        long now = clock.getAsLong();
        KeptReason reason = reason(named, now);
        if (reason == null) {
            return;
        }
        Exchange exchange = named.call().exchange();
        if (waiting.size() >= MOST_WAITING || !bound.admits(now, quarters(named, reason))) {
            add(dropped, reason);
            return;
        }
        add(kept, reason);
        int pid = named.call().connection().pid();
        waiting.add(new KeptCall(named, reason, threads.of(pid, exchange.requestThread())));
    }

    private @Nullable KeptReason reason(NamedCall named, long now) {
        Exchange exchange = named.call().exchange();
        if (exchange.outcome() != Outcome.OK) {
            return KeptReason.ERROR;
        }
        if (CallAttributes.isMeasured(exchange) && isSlow(named, now)) {
            return KeptReason.SLOW;
        }
        return isChosen(exchange.trace().traceId()) ? KeptReason.SAMPLED : null;
    }

    private static int quarters(NamedCall named, KeptReason reason) {
        if (reason == KeptReason.SAMPLED) {
            return 2;
        }
        boolean failed =
                !CallAttributes.errorType(named.call().exchange(), named.call().role()).isEmpty();
        return failed ? 4 : 3;
    }

    private boolean isSlow(NamedCall named, long now) {
        Exchange exchange = named.call().exchange();
        Route route =
                new Route(
                        named.call().connection().pid(),
                        exchange.protocol(),
                        named.call().role(),
                        named.operation(),
                        named.route());
        LearnedLatency latency =
                latencies.computeIfAbsent(route, unknown -> new LearnedLatency(now));
        if (latencies.size() > MOST_ROUTES) {
            latencies.pollFirstEntry();
        }
        return latency.isSlow((exchange.responseEnd() - exchange.requestStart()) * NANOS, now);
    }

    /**
     * Of a trace all calls are chosen or none, at both of their ends and on all nodes. Of those
     * without, one of each row of so many, any of them: calls that take turns are not chosen by
     * their turn.
     */
    private boolean isChosen(String trace) {
        if (oneIn == 0) {
            return false;
        }
        if (!trace.isEmpty()) {
            return Math.floorMod(TraceKey.hash(trace), oneIn) == 0;
        }
        boolean is = inRow == chosen;
        if (++inRow == oneIn) {
            inRow = 0;
            chosen = random.nextInt(oneIn);
        }
        return is;
    }

    private static void add(Map<KeptReason, long[]> counts, KeptReason reason) {
        long[] count = counts.get(reason);
        if (count != null) {
            count[0]++;
        }
    }

    /** Calls kept for a reason since the start. */
    public long kept(KeptReason reason) {
        return count(kept, reason);
    }

    /** Calls that should have been kept for a reason, and found no place. */
    public long dropped(KeptReason reason) {
        return count(dropped, reason);
    }

    private static long count(Map<KeptReason, long[]> counts, KeptReason reason) {
        long[] count = counts.get(reason);
        return count == null ? 0 : count[0];
    }

    /** Gives what was kept since the last time. */
    public List<KeptCall> take() {
        List<KeptCall> taken = waiting;
        waiting = new ArrayList<>();
        threads.forget();
        return taken;
    }
}
