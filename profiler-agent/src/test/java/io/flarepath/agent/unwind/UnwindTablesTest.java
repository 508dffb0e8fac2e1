package io.flarepath.agent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.unwind.RuleLookup.Outcome;
import io.flarepath.bpf.UnwindLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables in memory without a kernel, read as the kernel reads it. */
final class UnwindTablesTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir Path folder;

    private final MetricRegistry registry = new MetricRegistry();
    private final FakeSource source = new FakeSource();
    private FakeMemory memory = new FakeMemory(1);
    private UnwindTables tables = new UnwindTables(source, memory, 1, registry);
    private long now = 1000 * SECOND;

    private void start(int segments) {
        memory = new FakeMemory(segments);
        tables = new UnwindTables(source, memory, segments, new MetricRegistry());
        tables.tick(now);
    }

    private TableFile table(int number, int pages, int rowsOfPage, int rules) throws IOException {
        TableFile file =
                TableFile.write(folder, number, pages, rowsOfPage, rules, new Random(number));
        source.add(file);
        return file;
    }

    /** A table of about so many rows, three quarters of a segment for instance. */
    private TableFile large(int number, int rows) throws IOException {
        return table(number, rows * 2 / 3000, 3300, 20);
    }

    private void pass(long nanos) {
        now += nanos;
        tables.tick(now);
    }

    private Outcome state(int number) {
        return new RuleLookup(memory).find(number, 0);
    }

    private boolean isLoaded(int number) {
        Outcome outcome = state(number);
        return outcome == Outcome.FOUND || outcome == Outcome.NO_PAGE;
    }

    /** Compares all that is known of a table, if it is loaded; gives how it is. */
    private static Outcome check(RuleLookup lookup, int number, TableFile file, int step) {
        Outcome outcome = Outcome.ABSENT;
        for (int i = 0; i < file.addresses.length; i += step) {
            outcome = lookup.find(number, file.addresses[i]);
            compare(lookup, outcome, file, i);
            if (outcome != Outcome.FOUND && outcome != Outcome.NO_PAGE) {
                break;
            }
        }
        return outcome;
    }

    private static void compare(RuleLookup lookup, Outcome outcome, TableFile file, int i) {
        boolean wrong =
                switch (outcome) {
                    case FOUND -> lookup.rule != file.rules[i] || lookup.rest != file.rests[i];
                    case NO_PAGE -> file.rules[i] != 0 || file.rests[i] != 0;
                    default -> false;
                };
        if (wrong) {
            throw new AssertionError(
                    "%s has %x %x at %x, and is read as %s %x %x"
                            .formatted(
                                    file.identity,
                                    file.rules[i],
                                    file.rests[i],
                                    file.addresses[i],
                                    outcome,
                                    lookup.rule,
                                    lookup.rest));
        }
    }

    @Test
    void aTableThatIsThereIsLoadedAtOnce() throws IOException {
        start(1);
        TableFile file = table(7, 12, 400, 30);
        int before = tables.version();
        int number = tables.numberOf(file.identity);
        assertThat(number).isPositive();
        assertThat(tables.numberOf(file.identity)).isEqualTo(number);
        assertThat(check(new RuleLookup(memory), number, file, 1))
                .isIn(Outcome.FOUND, Outcome.NO_PAGE);
        assertThat(isLoaded(number)).isTrue();
        assertThat(tables.version()).isGreaterThan(before);
        assertThat(new RuleLookup(memory).find(number, ((file.addresses[0] >> 16) - 1) << 16))
                .isEqualTo(Outcome.NO_PAGE);
    }

    @Test
    void aTableIsLoadedOnceItIsMade() throws IOException {
        start(1);
        int number = tables.numberOf("identity:3");
        assertThat(state(number)).isEqualTo(Outcome.ABSENT);
        pass(SECOND / 5);
        assertThat(state(number)).isEqualTo(Outcome.ABSENT);
        TableFile file = table(3, 2, 50, 5);
        int before = tables.version();
        pass(SECOND / 5);
        assertThat(isLoaded(number)).isTrue();
        assertThat(tables.version()).isGreaterThan(before);
        assertThat(source.opened).containsExactly(file.identity);
    }

    @Test
    void whatIsWaitedForIsAskedForByUse() {
        start(1);
        int number = tables.numberOf("identity:3");
        tables.numberOf("identity:4");
        memory.use(number, 5);
        pass(2 * SECOND);
        assertThat(source.wanted).containsExactly("identity:3");
    }

    @Test
    void whereNoTableCanBeMadeThereAreNoRulesUntilOneIs() throws IOException {
        start(1);
        source.progress.put("identity:3", TableSource.Progress.NONE);
        int number = tables.numberOf("identity:3");
        assertThat(state(number)).isEqualTo(Outcome.NO_RULES);
        source.progress.clear();
        table(3, 2, 50, 5);
        memory.use(number, 1);
        pass(2 * SECOND);
        assertThat(isLoaded(number)).isTrue();
    }

    @Test
    void aTableThatIsGoneFromTheDiskLeavesNoRules() {
        start(1);
        source.progress.put("identity:3", TableSource.Progress.READY);
        assertThat(state(tables.numberOf("identity:3"))).isEqualTo(Outcome.NO_RULES);
    }

    @Test
    void whatIsIdleMakesRoomAndComesBackWhenItIsUsed() throws IOException {
        start(1);
        TableFile one = large(1, 200_000);
        TableFile two = large(2, 200_000);
        int first = tables.numberOf(one.identity);
        memory.use(first, 1);
        pass(SECOND);
        int second = tables.numberOf(two.identity);
        assertThat(isLoaded(first)).isTrue();
        assertThat(state(second)).isEqualTo(Outcome.NO_ROOM);
        // The first one rests, the second one is looked for.
        for (int i = 0; i < 15; i++) {
            memory.use(second, 1);
            pass(SECOND);
        }
        assertThat(isLoaded(second)).isTrue();
        assertThat(state(first)).isEqualTo(Outcome.ABSENT);
        pass(20 * SECOND);
        assertThat(state(first)).isEqualTo(Outcome.ABSENT);
        memory.use(first, 1);
        pass(SECOND);
        assertThat(isLoaded(first)).isTrue();
        assertThat(check(new RuleLookup(memory), first, one, 1))
                .isIn(Outcome.FOUND, Outcome.NO_PAGE);
        assertThat(memory.segmentsMade()).isEqualTo(1);
    }

    @Test
    void whatIsUsedMuchMoreTakesThePlaceOfWhatIsUsedLess() throws IOException {
        start(1);
        int first = tables.numberOf(large(1, 200_000).identity);
        int second = tables.numberOf(large(2, 200_000).identity);
        assertThat(state(second)).isEqualTo(Outcome.NO_ROOM);
        for (int i = 0; i < 15; i++) {
            memory.use(first, 1);
            memory.use(second, 2);
            pass(SECOND);
        }
        assertThat(isLoaded(first)).isTrue();
        for (int i = 0; i < 15; i++) {
            memory.use(first, 1);
            memory.use(second, 20);
            pass(SECOND);
        }
        assertThat(isLoaded(second)).isTrue();
        assertThat(state(first)).isIn(Outcome.ABSENT, Outcome.NO_ROOM);
    }

    @Test
    void nothingGoesForATableThatCannotHaveRoomAnyway() throws IOException {
        start(1);
        int small = tables.numberOf(table(1, 3, 50, 5).identity);
        int huge = tables.numberOf(large(2, 400_000).identity);
        for (int i = 0; i < 40; i++) {
            memory.use(huge, 10);
            pass(SECOND);
        }
        assertThat(state(huge)).isEqualTo(Outcome.NO_ROOM);
        assertThat(isLoaded(small)).isTrue();
    }

    @Test
    void muchIsLoadedInStepsTheMostUsedFirst() throws IOException {
        start(8);
        List<TableFile> files = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            numbers.add(tables.numberOf("identity:" + i));
            memory.use(numbers.getLast(), i);
        }
        pass(SECOND);
        for (int i = 1; i <= 6; i++) {
            files.add(large(i, 250_000));
        }
        pass(SECOND / 5);
        assertThat(source.opened.getFirst()).isEqualTo("identity:6");
        assertThat(source.opened).hasSizeBetween(2, 4);
        for (int i = 0; i < 3; i++) {
            pass(SECOND / 5);
        }
        for (int i = 0; i < 6; i++) {
            assertThat(isLoaded(numbers.get(i))).isTrue();
            check(new RuleLookup(memory), numbers.get(i), files.get(i), 1);
        }
    }

    @Test
    void rulesThatHaveNoRoomAreUnknownAndNeverThoseOfOthers() throws IOException {
        start(4);
        int all = UnwindLayout.RULES;
        TableFile one = table(1, 40, 2000, 20_000);
        TableFile two = table(2, 40, 2000, 20_000);
        int first = tables.numberOf(one.identity);
        int second = tables.numberOf(two.identity);
        RuleLookup lookup = new RuleLookup(memory);
        assertThat(check(lookup, first, one, 1)).isIn(Outcome.FOUND, Outcome.NO_PAGE);
        int unknown = 0;
        for (int i = 0; i < two.addresses.length; i++) {
            Outcome outcome = lookup.find(second, two.addresses[i]);
            if (outcome == Outcome.FOUND && lookup.rule == 0 && lookup.rest == 0) {
                unknown += two.rules[i] == 0 ? 0 : 1;
            } else {
                compare(lookup, outcome, two, i);
            }
        }
        assertThat(unknown).isPositive();
        assertThat(2 * 20_000).isGreaterThan(all);
        // Once the first one has rested, its rules make room.
        TableFile three = table(3, 40, 2000, 20_000);
        pass(10 * SECOND);
        int third = tables.numberOf(three.identity);
        assertThat(check(lookup, third, three, 1)).isIn(Outcome.FOUND, Outcome.NO_PAGE);
    }

    @Test
    void numbersOfWhatNobodyMapsAreGivenToOthers() throws IOException {
        start(1);
        TableFile file = table(1, 3, 50, 5);
        int first = tables.numberOf(file.identity);
        tables.retain(first);
        BitSet given = new BitSet();
        given.set(first);
        for (int i = 1; i < UnwindLayout.EXECUTABLES - 1; i++) {
            int number = tables.numberOf("other:" + i);
            assertThat(given.get(number)).isFalse();
            given.set(number);
            tables.retain(number);
        }
        assertThat(given.get(0)).isFalse();
        assertThat(tables.numberOf("late")).isZero();
        tables.release(first);
        assertThat(tables.numberOf("late")).isEqualTo(first);
        assertThat(state(first)).isEqualTo(Outcome.ABSENT);
        tables.retain(first);
        assertThat(tables.numberOf(file.identity)).isZero();
        assertThat(tables.numberOf("late")).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverComesAndGoesNoRuleIsWrongAndTheBudgetHolds(long seed) throws IOException {
        Random random = new Random(seed);
        start(2);
        List<TableFile> files = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            files.add(
                    table(
                            i,
                            1 + random.nextInt(60),
                            1 + random.nextInt(5000),
                            1 + random.nextInt(300)));
        }
        assertThat(files.stream().mapToInt(f -> f.rows).sum())
                .isGreaterThan(2 * 2 * UnwindLayout.SEGMENT_ROWS);
        RuleLookup lookup = new RuleLookup(memory);
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (int step = 0; step < 1500; step++) {
            int which = random.nextInt(files.size());
            int number = tables.numberOf(files.get(which).identity);
            memory.use(number, random.nextInt(20));
            pass(random.nextInt(4) == 0 ? 4 * SECOND : SECOND / 3);
            for (TableFile file : files.subList(0, 1 + random.nextInt(files.size()))) {
                Outcome outcome = check(lookup, tables.numberOf(file.identity), file, 7);
                seen.merge(outcome, 1, Integer::sum);
            }
            assertThat(memory.segmentsMade()).isLessThanOrEqualTo(2);
        }
        assertThat(seen.getOrDefault(Outcome.FOUND, 0)).isGreaterThan(1000);
        assertThat(seen.getOrDefault(Outcome.ABSENT, 0)).isGreaterThan(1000);
        assertThat(seen).doesNotContainKey(Outcome.CHANGING);
        nothingIsSharedBy(files);
    }

    private void nothingIsSharedBy(List<TableFile> files) {
        BitSet pages = new BitSet();
        BitSet rows = new BitSet();
        int loaded = 0;
        for (TableFile file : files) {
            int number = tables.numberOf(file.identity);
            if (!isLoaded(number)) {
                continue;
            }
            loaded++;
            int at = number * UnwindLayout.EXECUTABLE_BYTES;
            ByteBuffer executables = memory.executables();
            int first = executables.getInt(at + UnwindLayout.EXECUTABLE_FIRST_PAGE);
            int count = executables.getInt(at + UnwindLayout.EXECUTABLE_PAGE_COUNT);
            int ofFile = 0;
            for (int page = first; page < first + count; page++) {
                assertThat(pages.get(page)).isFalse();
                pages.set(page);
                int row = memory.pages().getInt(page * UnwindLayout.PAGE_BYTES);
                int length = memory.pages().getInt(page * UnwindLayout.PAGE_BYTES + 4);
                if (length > 0) {
                    int index = row - UnwindLayout.INDEX_ROWS;
                    assertThat(rows.get(index, row + length).isEmpty()).isTrue();
                    rows.set(index, row + length);
                    assertThat(index / UnwindLayout.SEGMENT_ROWS)
                            .isEqualTo((row + length - 1) / UnwindLayout.SEGMENT_ROWS);
                }
                ofFile += length;
            }
            assertThat(ofFile).isEqualTo(file.rows);
        }
        assertThat(loaded).isPositive();
    }

    @Test
    void aReaderNeverSeesTheRuleOfAnother() throws Exception {
        start(1);
        List<TableFile> files = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 0; i < 24; i++) {
            files.add(table(i, 1 + random.nextInt(40), 1 + random.nextInt(6000), 40));
        }
        int[] numbers = files.stream().mapToInt(f -> tables.numberOf(f.identity)).toArray();
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicReference<Throwable> problem = new AtomicReference<>();
        AtomicLong found = new AtomicLong();
        AtomicLong changing = new AtomicLong();
        Thread reader =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                read(files, numbers, stopped, found, changing);
                            } catch (Throwable e) {
                                problem.set(e);
                                stopped.set(true);
                            }
                        });
        int loads = source.opened.size();
        long end = System.nanoTime() + 60 * SECOND;
        while (!stopped.get() && System.nanoTime() < end) {
            boolean enough = found.get() > 2_000_000 && changing.get() > 200;
            if (enough && source.opened.size() - loads > 500) {
                stopped.set(true);
            }
            memory.use(numbers[random.nextInt(numbers.length)], 1);
            pass(SECOND);
        }
        reader.join(10_000);
        assertThat(problem.get()).isNull();
        assertThat(found.get()).isGreaterThan(2_000_000);
        assertThat(source.opened.size() - loads).isGreaterThan(500);
        assertThat(changing.get()).isGreaterThan(200);
    }

    private void read(
            List<TableFile> files,
            int[] numbers,
            AtomicBoolean stopped,
            AtomicLong found,
            AtomicLong changing) {
        Random random = new Random(12);
        RuleLookup lookup = new RuleLookup(memory);
        while (!stopped.get()) {
            int which = random.nextInt(numbers.length);
            TableFile file = files.get(which);
            for (int i = 0; i < file.addresses.length; i++) {
                Outcome outcome = lookup.find(numbers[which], file.addresses[i]);
                compare(lookup, outcome, file, i);
                found.addAndGet(outcome == Outcome.FOUND ? 1 : 0);
                changing.addAndGet(outcome == Outcome.CHANGING ? 1 : 0);
            }
        }
    }
}
