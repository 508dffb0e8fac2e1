package io.flarepath.store.call;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import java.util.List;

/**
 * What is known of a block of calls without unpacking it.
 *
 * @param calls how many there are, at least 1
 * @param firstNanos when the first began
 * @param lastNanos when the last began
 * @param longestNanos how long the longest took
 * @param roles bit n stands for the role of number n
 * @param failed how many failed
 */
public record CallSummary(
        int calls, long firstNanos, long lastNanos, long longestNanos, int roles, int failed) {

    /** Of calls in order of their beginning. */
    static CallSummary of(List<Call> calls) {
        long longest = 0;
        int roles = 0;
        int failed = 0;
        for (Call call : calls) {
            longest = Math.max(longest, call.durationNanos());
            roles |= 1 << call.role().code();
            failed += call.failed() ? 1 : 0;
        }
        return new CallSummary(
                calls.size(),
                calls.getFirst().startNanos(),
                calls.getLast().startNanos(),
                longest,
                roles,
                failed);
    }

    void write(ByteWriter out) {
        out.varint(calls)
                .varint(firstNanos)
                .varint(lastNanos - firstNanos)
                .varint(longestNanos)
                .u8(roles)
                .varint(failed);
    }

    static CallSummary read(ByteReader in) {
        int calls = in.varintUpTo(CallBlock.MOST_CALLS, "a number of calls");
        long first = in.varint();
        long last = first + in.varint();
        long longest = in.varint();
        int roles = in.u8();
        int failed = in.varintUpTo(calls, "a number of failed calls");
        if (calls == 0 || first < 0 || last < first || longest < 0 || roles == 0 || roles > 15) {
            throw new CorruptValueException(
                    calls + " calls from " + first + " to " + last + ", roles " + roles);
        }
        return new CallSummary(calls, first, last, longest, roles, failed);
    }
}
