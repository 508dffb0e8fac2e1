package io.flarepath.agent.unwind;

import io.flarepath.bpf.UnwindLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Looks a rule up as the unwinder in the kernel does ({@code find_rule} of {@code unwind.bpf.h}):
 * nothing that it reads is trusted unless the generation is even and the same afterwards.
 */
final class RuleLookup {
    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    enum Outcome {
        /** The executable's table has no page there. */
        NO_PAGE,
        /** {@link #rule} and {@link #rest} hold it. */
        FOUND,
        /** Something was being changed. */
        CHANGING,
        ABSENT,
        NO_RULES,
        NO_ROOM
    }

    private final FakeMemory memory;

    /** The twelve bytes of the rule. */
    long rule;

    int rest;

    RuleLookup(FakeMemory memory) {
        this.memory = memory;
    }

    Outcome find(int number, long address) {
        ByteBuffer executables = memory.executables();
        int at = number * UnwindLayout.EXECUTABLE_BYTES;
        int generation = integer(executables, at + UnwindLayout.EXECUTABLE_GENERATION);
        if ((generation & 1) != 0) {
            return Outcome.CHANGING;
        }
        int state = integer(executables, at + UnwindLayout.EXECUTABLE_STATE);
        Outcome outcome =
                switch (state) {
                    case UnwindLayout.LOADED -> inTable(executables, at, address);
                    case UnwindLayout.NO_RULES -> Outcome.NO_RULES;
                    case UnwindLayout.NO_ROOM -> Outcome.NO_ROOM;
                    default -> Outcome.ABSENT;
                };
        boolean same = integer(executables, at + UnwindLayout.EXECUTABLE_GENERATION) == generation;
        return same ? outcome : Outcome.CHANGING;
    }

    private Outcome inTable(ByteBuffer executables, int at, long address) {
        int firstPage = integer(executables, at + UnwindLayout.EXECUTABLE_FIRST_PAGE);
        int pageCount = integer(executables, at + UnwindLayout.EXECUTABLE_PAGE_COUNT);
        long base = (long) LONGS.getAcquire(executables, at + UnwindLayout.EXECUTABLE_PAGE_BASE);
        long page = (address >>> UnwindLayout.PAGE_BITS) - base;
        if (Long.compareUnsigned(page, Integer.toUnsignedLong(pageCount)) >= 0) {
            return Outcome.NO_PAGE;
        }
        int slot = firstPage + (int) page & UnwindLayout.PAGES - 1;
        int pageAt = slot * UnwindLayout.PAGE_BYTES;
        int first = integer(memory.pages(), pageAt + UnwindLayout.PAGE_FIRST);
        int count = integer(memory.pages(), pageAt + UnwindLayout.PAGE_COUNT);
        rule = 0;
        rest = 0;
        if (count == 0) {
            return Outcome.NO_PAGE;
        }
        ByteBuffer rows = memory.peek(first / UnwindLayout.SEGMENT_ROWS);
        if (rows == null) {
            return Outcome.CHANGING;
        }
        int wanted = (int) address & (1 << UnwindLayout.PAGE_BITS) - 1;
        int entry = wanted >> UnwindLayout.INDEX_BITS;
        int begin = indexEntry(rows, first, entry);
        boolean last = entry + 1 == UnwindLayout.INDEX_ENTRIES;
        count = (last ? count : indexEntry(rows, first, entry + 1) + 1) - begin;
        int low = first + begin;
        while (count > 1) {
            int half = count >>> 1;
            if (row(rows, low + half, UnwindLayout.ROW_LOW) <= wanted) {
                low += half;
            }
            count -= half;
        }
        int number = row(rows, low, UnwindLayout.ROW_RULE) & UnwindLayout.RULES - 1;
        int ruleAt = number * UnwindLayout.RULE_BYTES;
        // Twelve bytes are aligned to four only.
        rule =
                Integer.toUnsignedLong(integer(memory.rules(), ruleAt))
                        | (long) integer(memory.rules(), ruleAt + 4) << 32;
        rest = integer(memory.rules(), ruleAt + 8);
        return Outcome.FOUND;
    }

    private static int indexEntry(ByteBuffer rows, int first, int entry) {
        return row(rows, first - UnwindLayout.INDEX_ROWS + entry / 2, entry % 2 * Short.BYTES);
    }

    private static int row(ByteBuffer rows, int row, int part) {
        int at = (row & UnwindLayout.SEGMENT_ROWS - 1) * UnwindLayout.ROW_BYTES + part;
        return Short.toUnsignedInt((short) SHORTS.getAcquire(rows, at));
    }

    private static int integer(ByteBuffer buffer, int at) {
        return (int) INTS.getAcquire(buffer, at);
    }
}
