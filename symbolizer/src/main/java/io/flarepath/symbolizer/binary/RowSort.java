package io.flarepath.symbolizer.binary;

/** Sorts row numbers of columns without boxing them; stable. */
public final class RowSort {
    private RowSort() {}

    /** Compares two rows by their numbers. */
    @FunctionalInterface
    public interface RowComparator {
        int compare(int a, int b);
    }

    /** The row numbers from 0 to {@code count - 1}, sorted. */
    public static int[] by(int count, RowComparator comparator) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = i;
        }
        int[] other = new int[count];
        for (int width = 1; width > 0 && width < count; width *= 2) {
            for (int low = 0; low < count; low += 2 * width) {
                int middle = Math.min(low + width, count);
                int high = Math.min(middle + width, count);
                merge(order, other, low, middle, high, comparator);
            }
            int[] swap = order;
            order = other;
            other = swap;
        }
        return order;
    }

    private static void merge(
            int[] from, int[] to, int low, int middle, int high, RowComparator comparator) {
        int left = low;
        int right = middle;
        for (int i = low; i < high; i++) {
            boolean takeLeft =
                    right >= high
                            || (left < middle && comparator.compare(from[left], from[right]) <= 0);
            to[i] = takeLeft ? from[left++] : from[right++];
        }
    }
}
