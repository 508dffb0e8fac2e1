package io.flarepath.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds the name that was probably meant. */
final class NearestName {
    /** Longer input is cut before it is compared: a mistake, not a typing error. */
    private static final int COMPARED = 100;

    private NearestName() {}

    static String of(String given, Collection<String> known) {
        String cut = given.length() > COMPARED ? given.substring(0, COMPARED) : given;
        return known.stream()
                .min(
                        Comparator.comparingInt((String name) -> distance(cut, name))
                                .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Levenshtein's distance: insertions, deletions and replacements. */
    private static int distance(String left, String right) {
        int[] above = new int[right.length() + 1];
        int[] row = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int replaced = above[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            int[] spare = above;
            above = row;
            row = spare;
        }
        return above[right.length()];
    }
}
