package io.flarepath.store.query;

import java.util.SplittableRandom;

/** Finds the k-th of many numbers without putting all in order. */
final class Selection {
    private Selection() {}

    /** The number that would stand at a place if the first {@code size} were in order. */
    static long at(long[] numbers, int size, int place) {
        // A pivot by chance: no data can be made for which this takes long.
        SplittableRandom random = new SplittableRandom();
        int low = 0;
        int high = size - 1;
        while (low < high) {
            long pivot = numbers[low + random.nextInt(high - low + 1)];
            int left = low;
            int right = high;
            while (left <= right) {
                while (numbers[left] < pivot) {
                    left++;
                }
                while (numbers[right] > pivot) {
                    right--;
                }
                if (left <= right) {
                    long swapped = numbers[left];
                    numbers[left++] = numbers[right];
                    numbers[right--] = swapped;
                }
            }
            if (place <= right) {
                high = right;
            } else if (place >= left) {
                low = left;
            } else {
                return pivot;
            }
        }
        return numbers[low];
    }
}
