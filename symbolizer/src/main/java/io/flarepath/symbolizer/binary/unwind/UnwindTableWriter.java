package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Takes rules and writes them as a table. Ten bytes a rule range stay in memory until it is
 * finished. Only what lies in the code is kept.
 */
public final class UnwindTableWriter implements RuleSink {
    private static final int BUFFER_BYTES = 1 << 16;

    private final CodeRanges code;
    private final long base;
    private final RuleColumns columns;
    private final Map<UnwindRule, Integer> numbers = new HashMap<>();
    private final List<UnwindRule> rules = new ArrayList<>();
    private UnwindRule lastRule = UnwindRule.UNKNOWN;
    private int lastNumber;
    private int lastCode;
    private long rulesDropped;
    private int paddingBytes;
    private int gapRule;
    private int rowsWritten;

    /** A table of the code in these ranges. */
    public UnwindTableWriter(CodeRanges code) {
        this(code, RuleColumns.MAX_ROWS);
    }

    /** A table of the code in these ranges, refused when it has more rows. */
    UnwindTableWriter(CodeRanges code, int mostRows) {
        this.columns = new RuleColumns(mostRows);
        this.code = code;
        this.base = code.pageBase() << CodeRanges.PAGE_BITS;
        number(UnwindRule.UNKNOWN);
    }

    @Override
    public void rule(long start, long end, UnwindRule rule) throws IOException {
        if (end <= start || code.count() == 0) {
            return;
        }
        int number = number(rule);
        if (start >= code.start(lastCode) && end <= code.end(lastCode)) {
            columns.add(start - base, end - base, number);
            return;
        }
        for (int i = 0; i < code.count(); i++) {
            long low = Math.max(start, code.start(i));
            long high = Math.min(end, code.end(i));
            if (low < high) {
                columns.add(low - base, high - base, number);
                lastCode = i;
            }
        }
    }

    private int number(UnwindRule rule) {
        if (rule.equals(lastRule) && !rules.isEmpty()) {
            return lastNumber;
        }
        UnwindRule kept = rule.fits() ? rule : UnwindRule.UNKNOWN;
        Integer known = numbers.get(kept);
        if (known == null && rules.size() < UnwindTableLayout.MAX_RULES) {
            known = rules.size();
            numbers.put(kept, known);
            rules.add(kept);
        }
        rulesDropped += known == null ? 1 : 0;
        lastRule = rule;
        lastNumber = known == null ? 0 : known;
        return lastNumber;
    }

    /** Takes a range of code for which there is no rule. */
    @FunctionalInterface
    public interface GapVisitor {
        /**
         * May hand over rules.
         *
         * @param start ELF virtual address
         * @param end address behind the last byte
         */
        void gap(long start, long end) throws IOException;
    }

    /** Visits all code that has no rule yet, by address. */
    public void visitGaps(GapVisitor visitor) throws IOException {
        columns.settle();
        int settled = columns.count();
        int row = 0;
        for (int i = 0; i < code.count(); i++) {
            long at = code.start(i);
            long end = code.end(i);
            while (row < settled && columns.start(row) + base < end) {
                if (columns.start(row) + base > at) {
                    visitor.gap(at, columns.start(row) + base);
                }
                at = columns.end(row++) + base;
            }
            if (at < end) {
                visitor.gap(at, end);
            }
        }
    }

    /**
     * What holds where no rule was handed over; without this call nothing is known there.
     *
     * @param padding gaps of less bytes take the rule before them
     */
    public void fillGaps(int padding, UnwindRule rule) {
        paddingBytes = padding;
        gapRule = number(rule);
    }

    /** Number of different rules. */
    public int rules() {
        return rules.size();
    }

    /** Rows of the table, once it is finished. */
    public int rows() {
        return rowsWritten;
    }

    /** Ranges that became UNKNOWN because there were too many different rules. */
    public long rulesDropped() {
        return rulesDropped;
    }

    /**
     * Writes the table; it appears under its name when it is whole.
     *
     * @param identity of the executable, as {@link io.flarepath.symbolizer.binary.Identity#of}
     *     gives it
     * @param hasRules whether there are more than guesses
     * @throws MalformedBinaryException if it is larger than a table may be
     */
    public void finish(Path path, String identity, boolean hasRules) throws IOException {
        columns.settle();
        int pages = (int) code.pages();
        int[] firstRows = firstRows(pages);
        rowsWritten = firstRows[pages];
        byte[] identityBytes = identity.getBytes(StandardCharsets.UTF_8);
        long bytes =
                UnwindTableLayout.HEADER_BYTES
                        + 4L * (pages + 1)
                        + (long) UnwindTableLayout.ROW_BYTES * rowsWritten
                        + (long) UnwindRule.BYTES * rules.size()
                        + identityBytes.length;
        if (rowsWritten > UnwindTableLayout.MAX_ROWS
                || bytes > UnwindTableLayout.MAX_BYTES
                || identityBytes.length > UnwindTableLayout.MAX_IDENTITY_BYTES) {
            throw new MalformedBinaryException("the unwind table would have " + bytes + " bytes");
        }
        ByteBuffer header =
                ByteBuffer.allocate(UnwindTableLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(0, UnwindTableLayout.MAGIC)
                .putInt(UnwindTableLayout.VERSION_AT, UnwindTableLayout.VERSION)
                .putInt(UnwindTableLayout.FLAGS_AT, hasRules ? UnwindTableLayout.HAS_RULES : 0)
                .putLong(UnwindTableLayout.BYTES_AT, bytes)
                .putLong(UnwindTableLayout.PAGE_BASE_AT, code.pageBase())
                .putInt(UnwindTableLayout.PAGES_AT, pages)
                .putInt(UnwindTableLayout.ROWS_AT, rowsWritten)
                .putInt(UnwindTableLayout.RULES_AT, rules.size())
                .putInt(UnwindTableLayout.IDENTITY_BYTES_AT, identityBytes.length);
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        boolean finished = false;
        try {
            try (Output output = new Output(temporary, header)) {
                for (int first : firstRows) {
                    output.room(4).putInt(first);
                }
                pages((page, low, rule) ->
                        output.room(UnwindTableLayout.ROW_BYTES)
                                .putShort((short) low)
                                .putShort((short) rule));
                for (UnwindRule rule : rules) {
                    rule.put(output.room(UnwindRule.BYTES));
                }
                output.room(identityBytes.length).put(identityBytes);
                output.finish(header);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            finished = true;
        } finally {
            if (!finished) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** The number of the first row of each page, and the number of all. */
    private int[] firstRows(int pages) throws IOException {
        int[] first = new int[pages + 1];
        pages((page, low, rule) -> first[page + 1]++);
        for (int page = 0; page < pages; page++) {
            first[page + 1] += first[page];
        }
        return first;
    }

    /** Takes rows of pages, in their order. */
    @FunctionalInterface
    private interface RowTarget {
        void row(int page, int low, int rule) throws IOException;
    }

    /** Makes the rows of all pages out of the settled ranges and the gaps between them. */
    private void pages(RowTarget target) throws IOException {
        PageRows rows = new PageRows(target);
        int row = 0;
        for (int i = 0; i < code.count(); i++) {
            long at = code.start(i) - base;
            long end = code.end(i) - base;
            int before = -1;
            while (row < columns.count() && columns.start(row) < end) {
                gap(rows, at, columns.start(row), before);
                before = columns.rule(row);
                at = columns.end(row);
                rows.range(columns.start(row++), at, before);
            }
            gap(rows, at, end, before);
            rows.end(end);
        }
    }

    private void gap(PageRows rows, long start, long end, int ruleBefore) throws IOException {
        if (start < end) {
            boolean padding = ruleBefore >= 0 && end - start < paddingBytes;
            rows.range(start, end, padding ? ruleBefore : gapRule);
        }
    }

    /** Cuts ranges at the ends of pages, and leaves out what the row before says already. */
    private static final class PageRows {
        private final RowTarget target;
        private int page = -1;
        private int rule;

        PageRows(RowTarget target) {
            this.target = target;
        }

        void range(long start, long end, int newRule) throws IOException {
            for (long at = start; at < end; at = nextPage(at)) {
                set(at, newRule);
            }
        }

        /** Nothing is known from here to the end of the page, unless a range follows. */
        void end(long offset) throws IOException {
            if ((offset & ((1 << CodeRanges.PAGE_BITS) - 1)) != 0) {
                set(offset, 0);
            }
        }

        private void set(long offset, int newRule) throws IOException {
            int ofPage = (int) (offset >> CodeRanges.PAGE_BITS);
            int low = (int) offset & ((1 << CodeRanges.PAGE_BITS) - 1);
            boolean isNew = ofPage != page;
            if (isNew && low != 0) {
                target.row(ofPage, 0, 0);
                rule = 0;
                isNew = false;
            }
            if (isNew || newRule != rule) {
                target.row(ofPage, low, newRule);
            }
            page = ofPage;
            rule = newRule;
        }

        private static long nextPage(long offset) {
            return ((offset >> CodeRanges.PAGE_BITS) + 1) << CodeRanges.PAGE_BITS;
        }
    }

    /** A file and the checksum of what was written to it. */
    private static final class Output implements AutoCloseable {
        private final FileChannel channel;
        private final CRC32 crc = new CRC32();
        private final ByteBuffer buffer =
                ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

        Output(Path path, ByteBuffer header) throws IOException {
            channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
            buffer.put(header.duplicate());
        }

        ByteBuffer room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
            return buffer;
        }

        private void flush() throws IOException {
            buffer.flip();
            crc.update(buffer.duplicate());
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
        }

        /** Writes the rest, and the header once more, with the checksum. */
        void finish(ByteBuffer header) throws IOException {
            flush();
            header.putInt(UnwindTableLayout.CRC_AT, (int) crc.getValue());
            ByteBuffer whole = header.duplicate().clear();
            while (whole.hasRemaining()) {
                channel.write(whole, whole.position());
            }
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
