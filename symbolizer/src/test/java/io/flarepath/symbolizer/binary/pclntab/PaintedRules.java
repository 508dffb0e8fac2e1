package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.unwind.RuleSink;
import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rule of each byte of code; the first one that was handed over stays. */
final class PaintedRules implements RuleSink {
    private final long start;
    private final int[] numbers;
    private final List<UnwindRule> rules = new ArrayList<>();
    private final Map<UnwindRule, Integer> known = new HashMap<>();
    private int calls;

    PaintedRules(long start, long end) {
        this.start = start;
        this.numbers = new int[Math.toIntExact(end - start)];
    }

    @Override
    public void rule(long from, long to, UnwindRule rule) {
        calls++;
        int number =
                known.computeIfAbsent(
                        rule,
                        r -> {
                            rules.add(r);
                            return rules.size();
                        });
        for (long at = from; at < to; at++) {
            int i = Math.toIntExact(at - start);
            if (numbers[i] == 0) {
                numbers[i] = number;
            }
        }
    }

    @Nullable UnwindRule at(long address) {
        if (address < start || address - start >= numbers.length) {
            return null;
        }
        int number = numbers[(int) (address - start)];
        return number == 0 ? null : rules.get(number - 1);
    }

    int calls() {
        return calls;
    }

    int rules() {
        return rules.size();
    }
}
