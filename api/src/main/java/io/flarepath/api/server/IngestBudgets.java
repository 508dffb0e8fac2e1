package io.flarepath.api.server;

import java.util.Map;

/**
 * How fast tenants may send.
 *
 * @param common of every tenant that has none of its own
 * @param tenants those of single tenants, by name
 */
public record IngestBudgets(Budget common, Map<String, Budget> tenants) {
    /** Every tenant sends as fast as it can. */
    public static final IngestBudgets UNLIMITED = new IngestBudgets(new Budget(0, 1), Map.of());

    /** Keeps a copy. */
    public IngestBudgets {
        tenants = Map.copyOf(tenants);
    }

    /**
     * Of one tenant.
     *
     * @param bytesPerSecond what it may send, 0 for no limit
     * @param burstBytes by how much it may be ahead of that
     */
    public record Budget(long bytesPerSecond, long burstBytes) {
        private static final double NANOS = 1e9;

        /** Refuses what no budget can be. */
        public Budget {
            if (bytesPerSecond < 0) {
                throw new IllegalArgumentException(
                        "limits.ingestion-rate must not be negative: " + bytesPerSecond);
            }
            if (burstBytes < 1) {
                throw new IllegalArgumentException(
                        "limits.ingestion-burst must be at least 1: " + burstBytes);
            }
        }

        /** For how long so many bytes are paid by waiting, in nanoseconds; 0 without a limit. */
        double nanos(long bytes) {
            return bytesPerSecond == 0 ? 0 : bytes * NANOS / bytesPerSecond;
        }
    }

    /** The budget of a tenant. */
    Budget of(String tenant) {
        return tenants.getOrDefault(tenant, common);
    }
}
