package io.flarepath.api.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How many bytes a second each tenant may send. An upload is taken whole as long as its tenant is
 * not ahead of its rate by more than the burst; so a large one is taken too, and paid for by
 * waiting after it. Safe for many threads.
 */
public final class IngestRate {
    /**
     * Tenants are named by whoever asks: of more, those that are ahead of nothing are forgotten.
     */
    private static final int MOST_TENANTS = 10_000;

    private static final double NANOS = 1e9;

    private final IngestBudgets budgets;
    private final LongSupplier nanoTime;

    /** When a tenant will have paid for what it sent; not there when it has. */
    private final Map<String, Long> paid = new ConcurrentHashMap<>();

    /**
     * A rate.
     *
     * @param budgets what each tenant may send
     * @param nanoTime a clock that never goes back
     */
    public IngestRate(IngestBudgets budgets, LongSupplier nanoTime) {
        this.budgets = budgets;
        this.nanoTime = nanoTime;
    }

    /**
     * Checks that a tenant may send.
     *
     * @throws Overloaded when it is too far ahead of its rate; says for how long to wait
     */
    public void check(String tenant) {
        Long until = paid.get(tenant);
        if (until == null) {
            return;
        }
        IngestBudgets.Budget budget = budgets.of(tenant);
        double ahead = until - nanoTime.getAsLong() - budget.nanos(budget.burstBytes());
        if (ahead > 0) {
            throw new Overloaded(
                    "the tenant "
                            + tenant
                            + " sends more than "
                            + budget.bytesPerSecond()
                            + " bytes a second (setting "
                            + (budgets.tenants().containsKey(tenant)
                                    ? "limits.ingestion-rate.tenants"
                                    : "limits.ingestion-rate")
                            + "): try again later",
                    (int) Math.min(3_600, 1 + (long) (ahead / NANOS)));
        }
    }

    /** Counts what a tenant has sent. */
    public void sent(String tenant, long bytes) {
        IngestBudgets.Budget budget = budgets.of(tenant);
        if (budget.bytesPerSecond() == 0) {
            return;
        }
        long now = nanoTime.getAsLong();
        long cost = (long) budget.nanos(bytes);
        paid.merge(tenant, now + cost, (until, ignored) -> Math.max(until, now) + cost);
        if (paid.size() > MOST_TENANTS) {
            paid.values().removeIf(until -> until <= now);
        }
    }
}
