package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.unwind.RuleSink;
import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules of one function, held back until all of it was read: a damaged one has none. Neighbours
 * with the same rule become one range.
 */
final class RuleRanges {
    private record Range(long start, long end, UnwindRule rule) {}

    private final List<Range> ranges = new ArrayList<>();

    /** Adds a range; an empty one is dropped. What code must be damaged to say is not known. */
    void add(long start, long end, UnwindRule found) {
        UnwindRule rule = found.fits() ? found : UnwindRule.UNKNOWN;
        if (start >= end) {
            return;
        }
        if (!ranges.isEmpty()) {
            Range last = ranges.getLast();
            if (last.end == start && last.rule.equals(rule)) {
                ranges.set(ranges.size() - 1, new Range(last.start, end, rule));
                return;
            }
        }
        ranges.add(new Range(start, end, rule));
    }

    void clear() {
        ranges.clear();
    }

    void handOver(RuleSink sink) throws IOException {
        for (Range range : ranges) {
            sink.rule(range.start, range.end, range.rule);
        }
        ranges.clear();
    }
}
