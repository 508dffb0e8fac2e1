package io.flarepath.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.TreeBuilder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A tree that is large enough to be cut before it is put in order. */
class LargeTreeTest {
    private static final int NODES = 20_000;

    @Test
    void theTopIsTheLargestNodesAndTotalsStayExact() {
        Random random = new Random(11);
        TreeBuilder builder = new TreeBuilder();
        int[] nodes = new int[NODES];
        long sum = 0;
        for (int i = 1; i < NODES; i++) {
            nodes[i] = builder.child(nodes[random.nextInt(i)], Frame.named("f" + i));
            long value = 1L + random.nextInt(1_000_000);
            builder.addSelf(nodes[i], value);
            sum += value;
        }
        FlameTree tree = builder.build(7);
        Trees.check(tree);
        assertThat(tree.size()).isEqualTo(NODES);
        for (int most : new int[] {1, 2, 100, 5_000, NODES - 1, NODES, 2 * NODES}) {
            FlameTree top = builder.build(7).top(most);
            Trees.check(top);
            assertThat(top.total(0)).isEqualTo(sum);
            assertThat(top.samples()).isEqualTo(7);
            long least = Long.MAX_VALUE;
            int kept = 0;
            for (int node = 0; node < top.size(); node++) {
                if (!top.isOther(node)) {
                    kept++;
                    least = Math.min(least, top.total(node));
                }
            }
            assertThat(kept).isEqualTo(Math.min(most, NODES));
            assertThat(top.hiddenNodes()).isEqualTo(NODES - kept);
            int atLeast = 0;
            for (int node = 0; node < tree.size(); node++) {
                atLeast += tree.total(node) > least ? 1 : 0;
            }
            assertThat(atLeast).as("nodes larger than the least of %d", most).isLessThan(kept);
            FlameTree again = top.top(Math.max(1, most / 2));
            Trees.check(again);
            assertThat(again.total(0)).isEqualTo(sum);
        }
    }
}
