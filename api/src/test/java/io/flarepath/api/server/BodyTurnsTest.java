package io.flarepath.api.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.api.server.BodyTurns.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyTurnsTest {
    private final List<Integer> begun = new ArrayList<>();

    private Turn ask(BodyTurns turns, int number, long size) {
        return turns.ask(size, () -> begun.add(number));
    }

    @Test
    void comeInTheOrderInWhichTheyWereAskedFor() {
        BodyTurns turns = new BodyTurns(100, 10);
        Turn first = ask(turns, 1, 60);
        Turn second = ask(turns, 2, 60);
        // Would fit in beside the first, and is not let in before the second.
        Turn third = ask(turns, 3, 40);
        assertThat(begun).containsExactly(1);
        assertThat(turns.waiting()).isEqualTo(2);
        first.giveUp();
        assertThat(begun).containsExactly(1, 2, 3);
        first.giveUp();
        Turn fourth = ask(turns, 4, 1);
        assertThat(begun).containsExactly(1, 2, 3);
        second.giveUp();
        third.giveUp();
        fourth.giveUp();
        assertThat(begun).containsExactly(1, 2, 3, 4);
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void oneThatIsLargerThanAllHasItsTurnAlone() {
        BodyTurns turns = new BodyTurns(100, 10);
        Turn small = ask(turns, 1, 1);
        Turn large = ask(turns, 2, 1_000);
        assertThat(begun).containsExactly(1);
        small.giveUp();
        Turn other = ask(turns, 3, 1);
        assertThat(begun).containsExactly(1, 2);
        large.giveUp();
        assertThat(begun).containsExactly(1, 2, 3);
        other.giveUp();
    }

    @Test
    void whoeverGoesAwayWhileWaitingKeepsNobodyWaiting() {
        BodyTurns turns = new BodyTurns(100, 10);
        Turn first = ask(turns, 1, 70);
        Turn gone = ask(turns, 2, 70);
        Turn last = ask(turns, 3, 30);
        gone.giveUp();
        assertThat(begun).containsExactly(1, 3);
        first.giveUp();
        last.giveUp();
        assertThat(begun).containsExactly(1, 3);
    }

    @Test
    void moreThanMayWaitAreRefused() {
        BodyTurns turns = new BodyTurns(1, 1);
        Turn first = ask(turns, 1, 1);
        Turn second = ask(turns, 2, 1);
        assertThatThrownBy(() -> ask(turns, 3, 1))
                .isInstanceOf(Overloaded.class)
                .hasMessageContaining("limits.pending");
        first.giveUp();
        second.giveUp();
        ask(turns, 4, 1).giveUp();
        assertThat(begun).containsExactly(1, 2, 4);
    }

    /** Of those whose turn has come and is not over. */
    private long bytes(long[] sizes, List<Integer> over) {
        return begun.stream()
                .filter(turn -> !over.contains(turn))
                .mapToLong(turn -> sizes[turn])
                .sum();
    }

    @Test
    void neverMoreThanTheBoundAndEverybodyOnceWhateverTheOrder() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            BodyTurns turns = new BodyTurns(100, 1_000);
            begun.clear();
            List<Turn> all = new ArrayList<>();
            List<Integer> over = new ArrayList<>();
            long[] sizes = new long[50];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = 1L + random.nextInt(60);
                all.add(ask(turns, i, sizes[i]));
                if (random.nextInt(3) == 0) {
                    over.add(begun.get(random.nextInt(begun.size())));
                    all.get(over.getLast()).giveUp();
                }
                assertThat(bytes(sizes, over)).as("seed %d", seed).isLessThanOrEqualTo(100);
            }
            for (int done = 0; done < begun.size(); done++) {
                over.add(begun.get(done));
                all.get(begun.get(done)).giveUp();
                assertThat(bytes(sizes, over)).as("seed %d", seed).isLessThanOrEqualTo(100);
            }
            assertThat(begun).as("seed %d", seed).hasSize(sizes.length).isSorted();
            assertThat(turns.waiting()).isZero();
        }
    }
}
