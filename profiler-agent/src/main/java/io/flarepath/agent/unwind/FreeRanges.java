package io.flarepath.agent.unwind;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is free of a row of equal places: ranges are taken where they fit first, and merged. */
final class FreeRanges {
    private final NavigableMap<Integer, Integer> ranges = new TreeMap<>();
    private int size;

    /** All of them are free. */
    FreeRanges(int places) {
        ranges.put(0, places);
        size = places;
    }

    /** Takes so many that follow one another; gives the first, or -1 if there are none. */
    int take(int places) {
        Map.Entry<Integer, Integer> range = firstOf(places);
        if (range == null) {
            return -1;
        }
        int start = range.getKey();
        int left = range.getValue() - places;
        ranges.remove(start);
        if (left > 0) {
            ranges.put(start + places, left);
        }
        size -= places;
        return start;
    }

    private Map.@Nullable Entry<Integer, Integer> firstOf(int places) {
        for (Map.Entry<Integer, Integer> range : ranges.entrySet()) {
            if (range.getValue() >= places) {
                return range;
            }
        }
        return null;
    }

    /** Gives a range back that was taken. */
    void give(int start, int places) {
        int first = start;
        int length = places;
        Map.Entry<Integer, Integer> before = ranges.lowerEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            first = before.getKey();
            length += before.getValue();
        }
        Integer after = ranges.remove(start + places);
        if (after != null) {
            length += after;
        }
        ranges.put(first, length);
        size += places;
    }

    /** Places that are free. */
    int size() {
        return size;
    }
}
