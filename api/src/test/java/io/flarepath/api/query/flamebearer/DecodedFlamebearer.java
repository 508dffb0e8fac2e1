package io.flarepath.api.query.flamebearer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A flamebearer read back as its clients do: absolute positions from the deltas, the parent of a
 * bar is the bar of the level above within which it lies.
 *
 * @param values for each path, root first and joined by semicolons: total and self of each side
 */
public record DecodedFlamebearer(Map<String, List<Long>> values) {

    private record Bar(String path, long[] left, long[] total) {}

    /** Reads all levels of bars with one or two sides. */
    public static DecodedFlamebearer of(JsonNode flamebearer, int sides) {
        JsonNode names = flamebearer.get("names");
        Map<String, List<Long>> values = new TreeMap<>();
        List<Bar> above = List.of();
        int width = 3 * sides + 1;
        for (JsonNode level : flamebearer.get("levels")) {
            List<Bar> bars = new ArrayList<>();
            long[] end = new long[sides];
            for (int at = 0; at < level.size(); at += width) {
                long[] left = new long[sides];
                long[] total = new long[sides];
                List<Long> numbers = new ArrayList<>();
                for (int side = 0; side < sides; side++) {
                    left[side] = end[side] + level.get(at + 3 * side).longValue();
                    total[side] = level.get(at + 3 * side + 1).longValue();
                    end[side] = left[side] + total[side];
                    numbers.add(total[side]);
                    numbers.add(level.get(at + 3 * side + 2).longValue());
                }
                String name = names.get(level.get(at + width - 1).intValue()).textValue();
                String path = parent(above, left, total) + name;
                bars.add(new Bar(path + ";", left, total));
                if (values.put(path, numbers) != null) {
                    throw new AssertionError("two bars of one path: " + path);
                }
            }
            above = bars;
        }
        return new DecodedFlamebearer(values);
    }

    private static String parent(List<Bar> above, long[] left, long[] total) {
        String path = "";
        int found = 0;
        for (Bar bar : above) {
            boolean within = true;
            for (int side = 0; side < left.length; side++) {
                within &=
                        left[side] >= bar.left[side]
                                && left[side] + total[side] <= bar.left[side] + bar.total[side];
            }
            if (within) {
                path = bar.path;
                found++;
            }
        }
        if (!above.isEmpty() && found == 0) {
            throw new AssertionError("a bar lies below none of the level above");
        }
        return path;
    }
}
