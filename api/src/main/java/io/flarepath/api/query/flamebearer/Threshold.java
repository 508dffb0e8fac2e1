package io.flarepath.api.query.flamebearer;

/** Pyroscope's rule of truncation: nodes as large as the Nth largest stay. */
final class Threshold {
    private Threshold() {}

    /**
     * The least total that a node needs to stay.
     *
     * @param maxNodes about how many stay: equal totals may keep more
     * @param hardLimit never keep more than that, equal or not
     */
    static long of(NamedTree tree, int maxNodes, int hardLimit) {
        if (tree.size() - 1 <= maxNodes) {
            return 0;
        }
        long least = largest(tree, maxNodes);
        int kept = 0;
        for (int node = 1; node < tree.size(); node++) {
            kept += tree.largestTotal(node) >= least ? 1 : 0;
        }
        return kept <= hardLimit ? least : least + 1;
    }

    /** The Nth largest total, by a heap of the N largest so far, the least of them on top. */
    private static long largest(NamedTree tree, int count) {
        long[] heap = new long[count];
        for (int node = 1; node < tree.size(); node++) {
            long total = tree.largestTotal(node);
            if (node <= count) {
                siftUp(heap, node - 1, total);
            } else if (total > heap[0]) {
                siftDown(heap, total);
            }
        }
        return heap[0];
    }

    private static void siftUp(long[] heap, int place, long value) {
        int at = place;
        while (at > 0 && heap[(at - 1) / 2] > value) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = value;
    }

    private static void siftDown(long[] heap, long value) {
        int at = 0;
        int child = 1;
        while (child < heap.length) {
            if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= value) {
                break;
            }
            heap[at] = heap[child];
            at = child;
            child = 2 * at + 1;
        }
        heap[at] = value;
    }
}
