package io.flarepath.config;

import java.util.List;

/**
 * Patterns in which {@code *} stands for any run of characters, slashes too, and {@code ?} for one.
 *
 * @param patterns as written
 */
public record Globs(List<String> patterns) {
    public Globs {
        patterns = List.copyOf(patterns);
    }

    /** Whether there is no pattern at all. */
    public boolean isEmpty() {
        return patterns.isEmpty();
    }

    /** Whether one of the patterns matches the whole text. */
    public boolean matches(String text) {
        for (String pattern : patterns) {
            if (matches(pattern, text)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Greedy with one point of return: only the last star needs to give way, so the time is bounded
     * by the product of both lengths whatever the pattern.
     */
    private static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int resume = 0;
        while (t < text.length()) {
            char wanted = p < pattern.length() ? pattern.charAt(p) : 0;
            if (p < pattern.length() && wanted == '*') {
                star = p++;
                resume = t;
            } else if (p < pattern.length() && (wanted == '?' || wanted == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
