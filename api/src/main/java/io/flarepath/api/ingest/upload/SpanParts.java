package io.flarepath.api.ingest.upload;

import io.flarepath.store.profile.SpanSamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.ToLongFunction;

/**
 * What one series of an upload has of single spans.
 *
 * @param <V> what an upload knows of a stack: sums of one type or of several
 */
public final class SpanParts<V> {
    /** Spans of one profile; of more, the largest are kept. */
    private static final int MOST_SPANS = 2_048;

    private static final int BYTES_A_SPAN = 200;
    private static final int BYTES_A_STACK = 120;

    private final Map<SpanKey, Map<Integer, V>> spans = new HashMap<>();

    /** Adds what a stack has while a span was at work; nothing where there is no span. */
    public void add(SpanKey span, int stack, V value, BinaryOperator<V> sum, UploadMemory memory) {
        if (span.span() == 0) {
            return;
        }
        Map<Integer, V> stacks = spans.get(span);
        if (stacks == null) {
            memory.charge(BYTES_A_SPAN);
            stacks = new HashMap<>();
            spans.put(span, stacks);
        }
        V known = stacks.get(stack);
        if (known == null) {
            memory.charge(BYTES_A_STACK);
            stacks.put(stack, value);
        } else {
            stacks.put(stack, sum.apply(known, value));
        }
    }

    /** Adds what another series has of them. */
    public void addAll(SpanParts<V> others, BinaryOperator<V> sum, UploadMemory memory) {
        others.spans.forEach((span, stacks) ->
                stacks.forEach((stack, value) -> add(span, stack, value, sum, memory)));
    }

    /**
     * The spans of one type, the largest of them when there are many.
     *
     * @param value of this type
     * @param place of a stack in the profile, below 0 when it has none
     */
    public List<SpanSamples> of(ToLongFunction<V> value, IntUnaryOperator place, Dropped dropped) {
        List<SpanSamples> found = new ArrayList<>();
        spans.forEach((span, stacks) -> {
            int[] places = new int[stacks.size()];
            long[] values = new long[places.length];
            int count = 0;
            for (Map.Entry<Integer, V> stack : stacks.entrySet()) {
                int at = place.applyAsInt(stack.getKey());
                long amount = value.applyAsLong(stack.getValue());
                if (at >= 0 && amount > 0) {
                    places[count] = at;
                    values[count++] = amount;
                }
            }
            if (count > 0) {
                found.add(
                        new SpanSamples(
                                span.span(),
                                span.traceHigh(),
                                span.traceLow(),
                                Arrays.copyOf(places, count),
                                Arrays.copyOf(values, count)));
            }
        });
        found.sort(
                Comparator.comparingLong(SpanSamples::total)
                        .reversed()
                        .thenComparingLong(SpanSamples::spanId));
        if (found.size() <= MOST_SPANS) {
            return found;
        }
        dropped.count("span", found.size() - MOST_SPANS);
        return found.subList(0, MOST_SPANS);
    }
}
