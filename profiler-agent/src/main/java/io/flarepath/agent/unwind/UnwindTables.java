package io.flarepath.agent.unwind;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.bpf.UnwindLayout;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
    /** 40 MiB of rows. */
    private static final int SEGMENTS = UnwindLayout.SEGMENTS;

    private static final long LOOK_NANOS = 1_000_000_000L;

    /** What was used so lately does not make room for others. */
    private static final long BUSY_NANOS = 3_000_000_000L;

    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final class Entry {
        final int number;
        final String identity;
        int state = UnwindLayout.ABSENT;
        int[] rules = {};
        int firstPage;
        int pages;
        long uses;
        long usedNanos;
        int mappings;

        /** Whether it was loaded before, and had to go. */
        boolean evicted;

        Entry(int number, String identity) {
            this.number = number;
            this.identity = identity;
        }
    }

    private final UnwindFiles files;
    private final ByteBuffer executables;
    private final ByteBuffer pageMemory;
    private final RowMemory rows;
    private final RuleDictionary rules;
    private final FreeRanges pages = new FreeRanges(UnwindLayout.PAGES);
    private final Map<String, Entry> byIdentity = new HashMap<>();
    private final @Nullable Entry[] byNumber = new @Nullable Entry[UnwindLayout.EXECUTABLES];
    private final Deque<Integer> freeNumbers = new ArrayDeque<>();
    private final ByteBuffer rule =
            ByteBuffer.allocate(UnwindRule.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Counter evictions;
    private final Counter noRoom;
    private int nextNumber = 1;
    private int version;
    private long lookedNanos;
    private int vdso;
    private long vdsoAddress;

    /** Tables of the usual budget, the vDSO's on its way. */
    public UnwindTables(UnwindFiles files, UnwindMemory memory, MetricRegistry registry) {
        this(files, memory, SEGMENTS, registry);
    }

    UnwindTables(UnwindFiles files, UnwindMemory memory, int segments, MetricRegistry registry) {
        this.files = files;
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
                        "Executables for whose unwind table there was no room.");
        registry.gauge(
                "unwind_executables", "Executables that the unwinder knows.", byIdentity::size);
        registry.gauge("unwind_table_bytes", "Rows of rules that the kernel has.", rows::usedBytes);
        registry.gauge("unwind_rules", "Different rules that the kernel has.", rules::size);
        registry.counter(
                "unwind_rules_refused_total",
                "Rules that became unknown since there are too many.",
                rules::refused);
        Executable image = files.vdso();
        if (image != null) {
            vdsoAddress = image.codeAddress(0, Long.MAX_VALUE).orElse(0);
            vdso = numberOf(image);
            retain(vdso);
        }
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
     * The number of an executable. Its table is loaded, if it was made before, else when it is
     * made.
     *
     * @return 0 if there are too many
     */
    int numberOf(Executable executable) {
        Entry known = byIdentity.get(executable.identity());
        if (known != null) {
            return known.number;
        }
        int number = freeNumber();
        if (number == 0) {
            noRoom.increment();
            return 0;
        }
        Entry entry = new Entry(number, executable.identity());
        byIdentity.put(entry.identity, entry);
        byNumber[number] = entry;
        UnwindTable table = files.find(entry.identity);
        if (table != null) {
            load(entry, table);
        }
        return number;
    }

    private int freeNumber() {
        if (nextNumber < UnwindLayout.EXECUTABLES) {
            return nextNumber++;
        }
        if (freeNumbers.isEmpty()) {
            // Most will be mapped by nobody any more.
            for (Entry entry : List.copyOf(byIdentity.values())) {
                if (entry.mappings == 0) {
                    state(entry, UnwindLayout.ABSENT, true);
                    byIdentity.remove(entry.identity);
                    byNumber[entry.number] = null;
                    freeNumbers.add(entry.number);
                }
            }
        }
        Integer number = freeNumbers.poll();
        return number == null ? 0 : number;
    }

    /** One more mapping has the number. */
    void retain(int number) {
        Entry entry = byNumber[number];
        if (entry != null) {
            entry.mappings++;
        }
    }

    /** One mapping less has the number: without any it may be given to another executable. */
    void release(int number) {
        Entry entry = byNumber[number];
        if (entry != null) {
            entry.mappings--;
        }
    }

    /** Loads what was made meanwhile, and what is used again; to be called often. */
    public void tick(long nowNanos) {
        for (UnwindFiles.Made made = files.poll(); made != null; made = files.poll()) {
            Entry entry = byIdentity.get(made.identity());
            if (entry != null && entry.state == UnwindLayout.ABSENT) {
                UnwindTable table = made.failed() ? null : files.find(made.identity());
                if (table == null) {
                    state(entry, UnwindLayout.NO_RULES, false);
                } else {
                    load(entry, table);
                }
            }
        }
        if (nowNanos - lookedNanos >= LOOK_NANOS) {
            lookedNanos = nowNanos;
            look(nowNanos);
        }
    }

    private void look(long nowNanos) {
        List<Entry> wanted = new ArrayList<>();
        for (Entry entry : byIdentity.values()) {
            long uses = executables.getLong(at(entry) + UnwindLayout.EXECUTABLE_USES);
            if (uses == entry.uses) {
                continue;
            }
            entry.uses = uses;
            entry.usedNanos = nowNanos;
            if (entry.evicted || entry.state == UnwindLayout.NO_ROOM) {
                wanted.add(entry);
            }
        }
        for (Entry entry : wanted) {
            UnwindTable table = files.find(entry.identity);
            if (table != null) {
                load(entry, table);
            }
        }
    }

    private void load(Entry entry, UnwindTable table) {
        if (table.rowCount() == 0) {
            state(entry, UnwindLayout.NO_RULES, false);
            return;
        }
        beginChange(entry);
        entry.evicted = false;
        boolean placed = place(entry, table);
        while (!placed && evict(entry)) {
            placed = place(entry, table);
        }
        if (!placed) {
            noRoom.increment();
        }
        entry.state = placed ? UnwindLayout.LOADED : UnwindLayout.NO_ROOM;
        entry.usedNanos = lookedNanos;
        endChange(entry);
    }

    /** Puts a table where there is room; changes nothing where there is not enough. */
    private boolean place(Entry entry, UnwindTable table) {
        int count = table.pageCount();
        int first = pages.take(count);
        if (first < 0) {
            return false;
        }
        entry.firstPage = first;
        entry.pages = count;
        for (int page = 0; page < count; page++) {
            int wanted = table.rowsOf(page);
            int row = wanted == 0 ? 0 : rows.take(wanted);
            page(first + page, Math.max(row, 0), row < 0 ? 0 : wanted);
            if (row < 0) {
                for (int rest = page + 1; rest < count; rest++) {
                    page(first + rest, 0, 0);
                }
                takeAway(entry);
                return false;
            }
        }
        copy(entry, table);
        return true;
    }

    private void copy(Entry entry, UnwindTable table) {
        short[] numbers = new short[table.ruleCount()];
        entry.rules = new int[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            table.putRule(i, rule.clear());
            entry.rules[i] = rules.acquire(rule);
            numbers[i] = (short) entry.rules[i];
        }
        for (int page = 0; page < entry.pages; page++) {
            if (table.rowsOf(page) > 0) {
                int at = (entry.firstPage + page) * UnwindLayout.PAGE_BYTES;
                int row = pageMemory.getInt(at + UnwindLayout.PAGE_FIRST);
                table.copyRows(page, rows.at(row), numbers);
            }
        }
        int at = at(entry);
        executables.putInt(at + UnwindLayout.EXECUTABLE_FIRST_PAGE, entry.firstPage);
        executables.putInt(at + UnwindLayout.EXECUTABLE_PAGE_COUNT, entry.pages);
        executables.putLong(at + UnwindLayout.EXECUTABLE_PAGE_BASE, table.pageBase());
    }

    private void page(int number, int first, int count) {
        int at = number * UnwindLayout.PAGE_BYTES;
        pageMemory.putInt(at + UnwindLayout.PAGE_FIRST, first);
        pageMemory.putInt(at + UnwindLayout.PAGE_COUNT, count);
    }

    /** Gives back all that an executable has. Its generation is odd meanwhile. */
    private void takeAway(Entry entry) {
        for (int page = 0; page < entry.pages; page++) {
            int at = (entry.firstPage + page) * UnwindLayout.PAGE_BYTES;
            int count = pageMemory.getInt(at + UnwindLayout.PAGE_COUNT);
            if (count > 0) {
                rows.give(pageMemory.getInt(at + UnwindLayout.PAGE_FIRST), count);
            }
        }
        if (entry.pages > 0) {
            pages.give(entry.firstPage, entry.pages);
        }
        for (int number : entry.rules) {
            rules.release(number);
        }
        entry.rules = new int[0];
        entry.pages = 0;
        executables.putInt(at(entry) + UnwindLayout.EXECUTABLE_PAGE_COUNT, 0);
    }

    private boolean evict(Entry forWhom) {
        Entry oldest = null;
        for (Entry entry : byIdentity.values()) {
            if (entry != forWhom
                    && entry.state == UnwindLayout.LOADED
                    && (oldest == null || entry.usedNanos < oldest.usedNanos)) {
                oldest = entry;
            }
        }
        if (oldest == null || lookedNanos - oldest.usedNanos < BUSY_NANOS) {
            return false;
        }
        state(oldest, UnwindLayout.ABSENT, true);
        oldest.evicted = true;
        evictions.increment();
        return true;
    }

    private void state(Entry entry, int state, boolean takeAway) {
        beginChange(entry);
        if (takeAway) {
            takeAway(entry);
        }
        entry.state = state;
        endChange(entry);
    }

    private void beginChange(Entry entry) {
        int at = at(entry) + UnwindLayout.EXECUTABLE_GENERATION;
        INTS.setVolatile(executables, at, executables.getInt(at) + 1);
    }

    private void endChange(Entry entry) {
        int at = at(entry);
        executables.putInt(at + UnwindLayout.EXECUTABLE_STATE, entry.state);
        int generation = at + UnwindLayout.EXECUTABLE_GENERATION;
        INTS.setVolatile(executables, generation, executables.getInt(generation) + 1);
        version++;
    }

    private static int at(Entry entry) {
        return entry.number * UnwindLayout.EXECUTABLE_BYTES;
    }
}
