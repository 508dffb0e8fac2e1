package io.flarepath.agent.unwind;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.bpf.UnwindLayout;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The unwind tables that the kernel has: of executables that stacks lead through, within a budget,
 * least lately used out first. What had to go comes back when stacks lead there again. For one
 * thread.
 *
 * <p>The kernel reads while this writes. So an executable's generation is odd while anything that
 * it leads to changes, and different afterwards; what it leaves may then be given away at once.
 */
public final class UnwindTables {
    /** How often the kernel's counters are looked at. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    /** What was used so lately makes room only for what is used more. */
    private static final long BUSY_NANOS = 3_000_000_000L;

    /** So many times more: two that have no room together must not take turns. */
    private static final double MUCH_MORE = 4;

    /** What had no room is tried again so much later. */
    private static final long RETRY_NANOS = 10_000_000_000L;

    /** Rows that are copied between two ticks, unless a single table has more. */
    private static final int ROWS_A_TICK = (2 << 20) / UnwindLayout.ROW_BYTES;

    /** Numbers that are taken back at once when there are no more. */
    private static final int TAKEN_BACK = UnwindLayout.EXECUTABLES / 16;

    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final TableSource source;
    private final ByteBuffer executables;
    private final ByteBuffer pageMemory;
    private final RowMemory rows;
    private final RuleDictionary rules;
    private final FreeRanges pages = new FreeRanges(UnwindLayout.PAGES);
    private final Map<String, KnownExecutable> byIdentity = new HashMap<>();
    private final @Nullable KnownExecutable[] byNumber =
            new @Nullable KnownExecutable[UnwindLayout.EXECUTABLES];
    private final ByteBuffer rule =
            ByteBuffer.allocate(UnwindLayout.RULE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Counter evictions;
    private final Counter noRoom;
    private final Counter noNumber;

    /** Numbers from here on were never given out; 0 is none, so that an unset one is noticed. */
    private int nextNumber = 1;

    private int version;
    private int rowsLeft = ROWS_A_TICK;
    private long nowNanos;
    private long lookedNanos;
    private int loaded;
    private int vdso;
    private long vdsoAddress;

    /**
     * Tables of the usual budget, the vDSO's on its way.
     *
     * @param files makes the tables
     * @param memory that the kernel reads
     */
    public UnwindTables(UnwindFiles files, UnwindMemory memory, MetricRegistry registry) {
        this(files, memory, UnwindLayout.SEGMENTS, registry);
        Executable image = files.vdso();
        if (image != null) {
            vdsoAddress = image.codeAddress(0, Long.MAX_VALUE).orElse(0);
            vdso = numberOf(image.identity());
            retain(vdso);
        }
    }

    /**
     * @param segments of rows that may be made
     */
    UnwindTables(TableSource source, UnwindMemory memory, int segments, MetricRegistry registry) {
        this.source = source;
        executables = memory.executables();
        pageMemory = memory.pages();
        rows = new RowMemory(memory, segments);
        rules = new RuleDictionary(memory.rules());
        evictions =
                registry.counter(
                        "unwind_evictions_total",
                        "Executables whose unwind table made room for that of others.");
        noRoom =
                registry.counter(
                        "unwind_no_room_total",
                        "Times that there was no room for the unwind table of an executable.");
        noNumber =
                registry.counter(
                        "unwind_no_number_total",
                        "Times that an executable could not be told of since there are too many.");
        registry.counter(
                "unwind_rules_refused_total",
                "Rules that became unknown since there are too many.",
                rules::refused);
        registry.gauge(
                "unwind_executables", "Executables that the unwinder knows.", byIdentity::size);
        registry.gauge(
                "unwind_tables", "Executables whose unwind table the kernel has.", () -> loaded);
        registry.gauge("unwind_table_bytes", "Rows of rules that the kernel has.", rows::usedBytes);
        registry.gauge("unwind_rules", "Different rules that the kernel has.", rules::size);
    }

    /** Changes whenever a walk that could not go on may be able to. */
    int version() {
        return version;
    }

    /** The number of the vDSO; 0 if it is not known. */
    int vdso() {
        return vdso;
    }

    /** The ELF virtual address of the vDSO's first byte. */
    long vdsoAddress() {
        return vdsoAddress;
    }

    /**
     * The number of an executable. Its table is loaded now, if it was made before and not too much
     * was loaded just now; else soon, or when it is made.
     *
     * @return 0 if there are too many
     */
    int numberOf(Executable executable) {
        return numberOf(executable.identity());
    }

    int numberOf(String identity) {
        KnownExecutable known = byIdentity.get(identity);
        if (known != null) {
            return known.number;
        }
        int number = freeNumber();
        if (number == 0) {
            noNumber.increment();
            return 0;
        }
        KnownExecutable executable = new KnownExecutable(number, identity, uses(number), nowNanos);
        byIdentity.put(identity, executable);
        byNumber[number] = executable;
        settle(executable);
        return number;
    }

    private int freeNumber() {
        if (nextNumber < UnwindLayout.EXECUTABLES) {
            return nextNumber++;
        }
        int free = firstFreeNumber();
        if (free == 0) {
            takeNumbersBack();
            free = firstFreeNumber();
        }
        return free;
    }

    private int firstFreeNumber() {
        for (int number = 1; number < byNumber.length; number++) {
            if (byNumber[number] == null) {
                return number;
            }
        }
        return 0;
    }

    /** Forgets executables that nobody maps any more, those not used for longest first. */
    private void takeNumbersBack() {
        byIdentity.values().stream()
                .filter(executable -> executable.mappings == 0)
                .sorted(Comparator.comparingLong(executable -> executable.usedNanos))
                .limit(TAKEN_BACK)
                .toList()
                .forEach(executable -> {
                    change(executable, UnwindLayout.ABSENT);
                    byIdentity.remove(executable.identity);
                    byNumber[executable.number] = null;
                });
    }

    /** One more mapping has the number. */
    void retain(int number) {
        KnownExecutable executable = byNumber[number];
        if (executable != null) {
            executable.mappings++;
        }
    }

    /** One mapping less has the number: without any it may be given to another executable. */
    void release(int number) {
        KnownExecutable executable = byNumber[number];
        if (executable != null) {
            executable.mappings--;
        }
    }

    /** Loads what was made meanwhile, and what is used again; to be called often. */
    public void tick(long now) {
        nowNanos = now;
        rowsLeft = ROWS_A_TICK;
        boolean looks = now - lookedNanos >= LOOK_NANOS;
        if (looks) {
            lookedNanos = now;
            look();
        }
        List<KnownExecutable> unsettled = new ArrayList<>();
        for (KnownExecutable executable : byIdentity.values()) {
            if (isUnsettled(executable, looks)) {
                unsettled.add(executable);
            }
        }
        unsettled.sort(Comparator.comparingDouble(KnownExecutable::rate).reversed());
        unsettled.forEach(this::settle);
    }

    private void look() {
        for (KnownExecutable executable : byIdentity.values()) {
            boolean used = executable.look(uses(executable.number), nowNanos);
            if (used && executable.state == UnwindLayout.ABSENT) {
                source.wanted(executable.identity, executable.rate());
            }
        }
    }

    private long uses(int number) {
        int at = number * UnwindLayout.EXECUTABLE_BYTES + UnwindLayout.EXECUTABLE_USES;
        return (long) LONGS.getOpaque(executables, at);
    }

    /** Whether something may have to be done now. */
    private boolean isUnsettled(KnownExecutable executable, boolean looks) {
        boolean used = nowNanos - executable.usedNanos <= LOOK_NANOS;
        return switch (executable.state) {
            case UnwindLayout.ABSENT -> used || !executable.evicted;
            case UnwindLayout.NO_ROOM -> used && nowNanos - executable.retryNanos >= 0;
            // A later process may have had a file that could be read.
            case UnwindLayout.NO_RULES -> looks && used && executable.failed;
            default -> false;
        };
    }

    private void settle(KnownExecutable executable) {
        switch (source.progress(executable.identity)) {
            case READY -> {
                if (rowsLeft > 0) {
                    load(executable);
                }
            }
            case NONE -> fail(executable);
            case WAITING -> {
                // It is looked at again.
            }
        }
    }

    private void fail(KnownExecutable executable) {
        if (executable.state != UnwindLayout.NO_RULES) {
            change(executable, UnwindLayout.NO_RULES);
        }
        executable.failed = true;
    }

    private void load(KnownExecutable executable) {
        try (UnwindTable table = source.open(executable.identity)) {
            if (table == null) {
                fail(executable);
                return;
            }
            executable.failed = false;
            executable.usedNanos = nowNanos;
            rowsLeft -= table.rowCount();
            if (table.rowCount() == 0) {
                change(executable, UnwindLayout.NO_RULES);
            } else {
                load(executable, table);
            }
        }
    }

    private void load(KnownExecutable executable, UnwindTable table) {
        boolean hasRoom = mayHaveRoom(executable, table);
        if (!hasRoom && executable.state == UnwindLayout.NO_ROOM) {
            executable.retryNanos = nowNanos + RETRY_NANOS;
            noRoom.increment();
            return;
        }
        beginChange(executable);
        boolean placed = hasRoom && makeRoom(executable, table);
        if (placed) {
            copy(executable, table);
            loaded++;
        } else {
            executable.retryNanos = nowNanos + RETRY_NANOS;
            noRoom.increment();
        }
        executable.evicted = false;
        executable.state = placed ? UnwindLayout.LOADED : UnwindLayout.NO_ROOM;
        endChange(executable);
    }

    /** Whether there can be room once all has gone that may: else nothing needs to go. */
    private boolean mayHaveRoom(KnownExecutable executable, UnwindTable table) {
        long mostRows = rows.free();
        long mostPages = pages.size();
        for (KnownExecutable other : byIdentity.values()) {
            if (mayGo(other, executable)) {
                mostRows += other.rows;
                mostPages += other.pages;
            }
        }
        return mostRows >= rowsWithIndex(table) && mostPages >= table.pageCount();
    }

    private boolean makeRoom(KnownExecutable executable, UnwindTable table) {
        while (!place(executable, table)) {
            if (!evict(executable)) {
                return false;
            }
        }
        // Rules that have no room become unknown ones: better some than none.
        while (rules.free() < table.ruleCount()
                && rules.free() < missingRules(table)
                && evict(executable)) {
            // until there are enough
        }
        return true;
    }

    private int missingRules(UnwindTable table) {
        int missing = 0;
        for (int i = 0; i < table.ruleCount(); i++) {
            table.putRule(i, rule.clear());
            missing += rules.has(rule) ? 0 : 1;
        }
        return missing;
    }

    /** Puts a table where there is room; leaves nothing behind where there is not enough. */
    private boolean place(KnownExecutable executable, UnwindTable table) {
        int count = table.pageCount();
        int first = rows.free() < rowsWithIndex(table) ? -1 : pages.take(count);
        if (first < 0) {
            return false;
        }
        executable.firstPage = first;
        for (int page = 0; page < count; page++) {
            int wanted = table.rowsOf(page);
            int index = wanted == 0 ? 0 : rows.take(UnwindLayout.INDEX_ROWS + wanted);
            if (index < 0) {
                executable.pages = page;
                giveBack(executable);
                pages.give(first + page, count - page);
                return false;
            }
            putPage(first + page, wanted == 0 ? 0 : index + UnwindLayout.INDEX_ROWS, wanted);
        }
        executable.pages = count;
        executable.rows = rowsWithIndex(table);
        return true;
    }

    /** Rows that a table takes here: each page with code has an index. */
    private static int rowsWithIndex(UnwindTable table) {
        int count = table.rowCount();
        for (int page = 0; page < table.pageCount(); page++) {
            count += table.rowsOf(page) == 0 ? 0 : UnwindLayout.INDEX_ROWS;
        }
        return count;
    }

    private void copy(KnownExecutable executable, UnwindTable table) {
        short[] numbers = new short[table.ruleCount()];
        for (int i = 0; i < numbers.length; i++) {
            table.putRule(i, rule.clear());
            numbers[i] = (short) rules.acquire(rule);
        }
        executable.rules = numbers;
        for (int page = 0; page < executable.pages; page++) {
            if (table.rowsOf(page) > 0) {
                int at = (executable.firstPage + page) * UnwindLayout.PAGE_BYTES;
                int row = pageMemory.getInt(at + UnwindLayout.PAGE_FIRST);
                table.copyRows(page, rows.at(row), numbers);
                putIndex(row, table.rowsOf(page));
            }
        }
        int at = at(executable);
        executables.putInt(at + UnwindLayout.EXECUTABLE_FIRST_PAGE, executable.firstPage);
        executables.putInt(at + UnwindLayout.EXECUTABLE_PAGE_COUNT, executable.pages);
        executables.putLong(at + UnwindLayout.EXECUTABLE_PAGE_BASE, table.pageBase());
    }

    /** Writes the index of a page whose rows are written. */
    private void putIndex(int first, int count) {
        ByteBuffer segment = rows.at(first);
        int rowsAt = segment.position();
        int indexAt = rowsAt - UnwindLayout.INDEX_ROWS * UnwindLayout.ROW_BYTES;
        int row = 0;
        for (int entry = 0; entry < UnwindLayout.INDEX_ENTRIES; entry++) {
            int start = entry << UnwindLayout.INDEX_BITS;
            while (row + 1 < count && low(segment, rowsAt, row + 1) <= start) {
                row++;
            }
            segment.putShort(indexAt + entry * Short.BYTES, (short) row);
        }
    }

    private static int low(ByteBuffer segment, int rowsAt, int row) {
        int at = rowsAt + row * UnwindLayout.ROW_BYTES + UnwindLayout.ROW_LOW;
        return Short.toUnsignedInt(segment.getShort(at));
    }

    private void putPage(int number, int first, int count) {
        int at = number * UnwindLayout.PAGE_BYTES;
        pageMemory.putInt(at + UnwindLayout.PAGE_FIRST, first);
        pageMemory.putInt(at + UnwindLayout.PAGE_COUNT, count);
    }

    /** Gives back all that an executable has. Its generation is odd meanwhile. */
    private void giveBack(KnownExecutable executable) {
        for (int page = 0; page < executable.pages; page++) {
            int at = (executable.firstPage + page) * UnwindLayout.PAGE_BYTES;
            int count = pageMemory.getInt(at + UnwindLayout.PAGE_COUNT);
            if (count > 0) {
                int first = pageMemory.getInt(at + UnwindLayout.PAGE_FIRST);
                rows.give(first - UnwindLayout.INDEX_ROWS, UnwindLayout.INDEX_ROWS + count);
            }
        }
        if (executable.pages > 0) {
            pages.give(executable.firstPage, executable.pages);
        }
        for (short number : executable.rules) {
            rules.release(Short.toUnsignedInt(number));
        }
        executable.hasNothing();
        executables.putInt(at(executable) + UnwindLayout.EXECUTABLE_PAGE_COUNT, 0);
    }

    private boolean mayGo(KnownExecutable executable, KnownExecutable forWhom) {
        return executable != forWhom
                && executable.state == UnwindLayout.LOADED
                && (nowNanos - executable.usedNanos >= BUSY_NANOS
                        || executable.rate() * MUCH_MORE < forWhom.rate());
    }

    private boolean evict(KnownExecutable forWhom) {
        KnownExecutable out = null;
        for (KnownExecutable executable : byIdentity.values()) {
            if (mayGo(executable, forWhom) && (out == null || executable.isLessUsedThan(out))) {
                out = executable;
            }
        }
        if (out == null) {
            return false;
        }
        change(out, UnwindLayout.ABSENT);
        out.evicted = true;
        evictions.increment();
        return true;
    }

    /** Takes away what an executable has. */
    private void change(KnownExecutable executable, int state) {
        beginChange(executable);
        loaded -= executable.state == UnwindLayout.LOADED ? 1 : 0;
        giveBack(executable);
        executable.state = state;
        endChange(executable);
    }

    private void beginChange(KnownExecutable executable) {
        int at = at(executable) + UnwindLayout.EXECUTABLE_GENERATION;
        INTS.setVolatile(executables, at, executables.getInt(at) + 1);
        // The kernel must not see what follows before it sees the odd number.
        VarHandle.fullFence();
    }

    private void endChange(KnownExecutable executable) {
        int at = at(executable);
        executables.putInt(at + UnwindLayout.EXECUTABLE_STATE, executable.state);
        int generation = at + UnwindLayout.EXECUTABLE_GENERATION;
        VarHandle.fullFence();
        INTS.setVolatile(executables, generation, executables.getInt(generation) + 1);
        version++;
    }

    private static int at(KnownExecutable executable) {
        return executable.number * UnwindLayout.EXECUTABLE_BYTES;
    }
}
