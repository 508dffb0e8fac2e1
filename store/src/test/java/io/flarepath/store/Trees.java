package io.flarepath.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.query.DiffTree;
import io.flarepath.store.query.FlameTree;

/** What holds for every tree. */
final class Trees {
    private Trees() {}

    static void check(FlameTree tree) {
        assertThat(tree.parent(0)).isEqualTo(-1);
        long[] sums = new long[tree.size()];
        long[] last = new long[tree.size()];
        java.util.Arrays.fill(last, Long.MAX_VALUE);
        for (int node = 0; node < tree.size(); node++) {
            sums[node] += tree.self(node);
        }
        for (int node = 1; node < tree.size(); node++) {
            int parent = tree.parent(node);
            assertThat(parent).isBetween(0, node - 1);
            sums[parent] += tree.total(node);
            assertThat(tree.total(node)).as("siblings in order").isLessThanOrEqualTo(last[parent]);
            last[parent] = tree.total(node);
        }
        for (int node = 0; node < tree.size(); node++) {
            assertThat(tree.total(node)).isEqualTo(sums[node]);
        }
    }

    static void check(DiffTree tree) {
        long[] a = new long[tree.size()];
        long[] b = new long[tree.size()];
        for (int node = 0; node < tree.size(); node++) {
            a[node] += tree.selfA(node);
            b[node] += tree.selfB(node);
            if (node > 0) {
                assertThat(tree.parent(node)).isBetween(0, node - 1);
                a[tree.parent(node)] += tree.totalA(node);
                b[tree.parent(node)] += tree.totalB(node);
            }
        }
        for (int node = 0; node < tree.size(); node++) {
            assertThat(tree.totalA(node)).isEqualTo(a[node]);
            assertThat(tree.totalB(node)).isEqualTo(b[node]);
        }
    }
}
