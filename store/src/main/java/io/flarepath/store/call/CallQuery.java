package io.flarepath.store.call;

import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which calls are asked for. A word that is null is not looked at.
 *
 * @param tenant whose they are
 * @param selector what the labels of the end that saw them must fulfil
 * @param range in which they begin
 * @param roles which ends are asked for
 * @param words what must be equal; a status of the form {@code 5xx} stands for a hundred
 * @param failedOnly whether those that went well are left out
 * @param leastNanos those that took less are left out
 * @param trace the trace that they must belong to, or null
 * @param order which come first
 * @param after only what comes behind this place is asked for; null for all
 * @param limit at most so many
 */
public record CallQuery(
        String tenant,
        Selector selector,
        TimeRange range,
        Set<CallRole> roles,
        Words words,
        boolean failedOnly,
        long leastNanos,
        @Nullable Trace trace,
        CallOrder order,
        @Nullable CallPlace after,
        int limit) {

    /** Keeps a copy of the roles. */
    public CallQuery {
        roles = Set.copyOf(roles);
        if (limit < 1) {
            throw new IllegalArgumentException("a limit must be at least 1, not " + limit);
        }
    }

    /**
     * Words that must be equal, see {@link CallWords}; null for any.
     *
     * @param protocol the protocol
     * @param method the method
     * @param route the route
     * @param status the status, or a class of it
     * @param peer the other end
     */
    public record Words(
            @Nullable String protocol,
            @Nullable String method,
            @Nullable String route,
            @Nullable String status,
            @Nullable String peer) {
        /** Any words. */
        public static final Words ANY = new Words(null, null, null, null, null);
    }

    /**
     * Id of a trace.
     *
     * @param high its first half
     * @param low its second half
     */
    public record Trace(long high, long low) {}

    /** The same for another tenant. */
    public CallQuery of(String other) {
        return new CallQuery(
                other,
                selector,
                range,
                roles,
                words,
                failedOnly,
                leastNanos,
                trace,
                order,
                after,
                limit);
    }
}
