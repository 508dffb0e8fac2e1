package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A table of unwind rules that is mapped. Its layout is in {@link UnwindTableLayout}. Takes next to
 * no heap; safe for use by several threads until it is closed. What is damaged is refused when it
 * is opened, by its checksum; every reference is checked all the same.
 */
public final class UnwindTable implements AutoCloseable {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHECK_BYTES = 1 << 16;
    private static final UnwindRule.Kind[] KINDS = UnwindRule.Kind.values();
    private static final UnwindRule.Saved[] SAVED = UnwindRule.Saved.values();

    private final MemorySegment bytes;
    private final @Nullable Arena arena;
    private final long pageBase;
    private final int pages;
    private final int rows;
    private final int rules;
    private final boolean hasRules;
    private final long rowsAt;
    private final long rulesAt;
    private final String identity;

    private UnwindTable(MemorySegment bytes, @Nullable Arena arena)
            throws MalformedBinaryException {
        this.bytes = bytes;
        this.arena = arena;
        this.pageBase = bytes.get(LONG, UnwindTableLayout.PAGE_BASE_AT);
        this.pages = bytes.get(INT, UnwindTableLayout.PAGES_AT);
        this.rows = bytes.get(INT, UnwindTableLayout.ROWS_AT);
        this.rules = bytes.get(INT, UnwindTableLayout.RULES_AT);
        this.hasRules =
                (bytes.get(INT, UnwindTableLayout.FLAGS_AT) & UnwindTableLayout.HAS_RULES) != 0;
        int identityBytes = bytes.get(INT, UnwindTableLayout.IDENTITY_BYTES_AT);
        this.rowsAt = UnwindTableLayout.HEADER_BYTES + 4L * (pages + 1);
        this.rulesAt = rowsAt + (long) UnwindTableLayout.ROW_BYTES * rows;
        long identityAt = rulesAt + (long) UnwindRule.BYTES * rules;
        boolean counts =
                pages >= 0
                        && pages <= CodeRanges.MAX_PAGES
                        && rows >= 0
                        && rows <= UnwindTableLayout.MAX_ROWS
                        && rules >= 1
                        && rules <= UnwindTableLayout.MAX_RULES
                        && identityBytes >= 0
                        && identityBytes <= UnwindTableLayout.MAX_IDENTITY_BYTES;
        if (!counts || identityAt + identityBytes != bytes.byteSize()) {
            throw new MalformedBinaryException("the parts of the unwind table do not fit into it");
        }
        checkPages();
        checkRules();
        byte[] utf8 = bytes.asSlice(identityAt, identityBytes).toArray(ValueLayout.JAVA_BYTE);
        this.identity = new String(utf8, StandardCharsets.UTF_8);
    }

    private void checkPages() throws MalformedBinaryException {
        int before = 0;
        for (int page = 0; page <= pages; page++) {
            int first = bytes.get(INT, UnwindTableLayout.HEADER_BYTES + 4L * page);
            boolean wrong = page == 0 ? first != 0 : first < before || first > rows;
            boolean tooMany = first - before > 1 << CodeRanges.PAGE_BITS;
            if (wrong || tooMany || (page == pages && first != rows)) {
                throw new MalformedBinaryException("page " + page + " starts at row " + first);
            }
            if (page > 0 && first > before && low(before) != 0) {
                throw new MalformedBinaryException("page " + (page - 1) + " has no row for 0");
            }
            before = first;
        }
    }

    private void checkRules() throws MalformedBinaryException {
        for (int i = 0; i < rules; i++) {
            long at = rulesAt + (long) UnwindRule.BYTES * i;
            int kind = bytes.get(ValueLayout.JAVA_BYTE, at);
            int saved = bytes.get(ValueLayout.JAVA_BYTE, at + 2);
            if (kind < 0 || kind >= KINDS.length || saved < 0 || saved >= SAVED.length) {
                throw new MalformedBinaryException(
                        "rule " + i + " has kind " + kind + " and place " + saved);
            }
        }
        if (!rule(0).equals(UnwindRule.UNKNOWN)) {
            throw new MalformedBinaryException("rule 0 is not the unknown one");
        }
    }

    /**
     * Opens a table; it stays mapped until it is closed, and must not be used afterwards.
     *
     * @throws MalformedBinaryException if it is damaged or of another version
     */
    public static UnwindTable open(Path path) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            check(channel, size);
            return new UnwindTable(channel.map(MapMode.READ_ONLY, 0, size, arena), arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Takes it out of our memory. */
    @Override
    public void close() {
        if (arena != null) {
            arena.close();
        }
    }

    /** Reads an image in memory, which must not change; its checksum is not checked. */
    static UnwindTable of(byte[] image) throws MalformedBinaryException {
        checkHeader(ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN), image.length);
        return new UnwindTable(MemorySegment.ofArray(image), null);
    }

    private static void checkHeader(ByteBuffer header, long size) throws MalformedBinaryException {
        if (size < UnwindTableLayout.HEADER_BYTES
                || size > UnwindTableLayout.MAX_BYTES
                || header.getLong(0) != UnwindTableLayout.MAGIC
                || header.getLong(UnwindTableLayout.BYTES_AT) != size) {
            throw new MalformedBinaryException("not an unwind table, or not a whole one");
        }
        int version = header.getInt(UnwindTableLayout.VERSION_AT);
        if (version != UnwindTableLayout.VERSION) {
            throw new MalformedBinaryException(
                    "unwind tables of version "
                            + UnwindTableLayout.VERSION
                            + " are read, this one has version "
                            + version);
        }
    }

    /** Reads all of it, rather than touching the mapping: what is mapped counts as our memory. */
    private static void check(FileChannel channel, long size) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHECK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        CRC32 crc = new CRC32();
        int wanted = 0;
        long at = 0;
        do {
            buffer.clear();
            while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
                // until it is full or the file ends
            }
            buffer.flip();
            if (at == 0) {
                checkHeader(buffer, buffer.limit() < UnwindTableLayout.HEADER_BYTES ? 0 : size);
                wanted = buffer.getInt(UnwindTableLayout.CRC_AT);
                buffer.putInt(UnwindTableLayout.CRC_AT, 0);
            }
            at += buffer.remaining();
            crc.update(buffer);
        } while (buffer.limit() > 0 && at < size);
        if ((int) crc.getValue() != wanted || at != size) {
            throw new MalformedBinaryException("the unwind table is damaged: its checksum differs");
        }
    }

    /** The identity of the executable for which it was made. */
    public String identity() {
        return identity;
    }

    /** Whether rules were found; else the frame pointer is all there is. */
    public boolean hasRules() {
        return hasRules;
    }

    /** Bytes of the file. */
    public long bytes() {
        return bytes.byteSize();
    }

    /** The number of the first page: ELF virtual address without the lower 16 bits. */
    public long pageBase() {
        return pageBase;
    }

    /** Pages from the first with code to the last. */
    public int pageCount() {
        return pages;
    }

    /** Rows of all pages. */
    public int rowCount() {
        return rows;
    }

    /** Number of different rules; their numbers start at 0. */
    public int ruleCount() {
        return rules;
    }

    /**
     * The number of the first row of a page.
     *
     * @param page from 0, which is {@link #pageBase()}, to {@link #pageCount()}, which gives the
     *     number of all rows
     */
    public int firstRow(int page) {
        return bytes.get(
                INT, UnwindTableLayout.HEADER_BYTES + 4L * Objects.checkIndex(page, pages + 1));
    }

    /** The number of rows of a page; none: it has no code. */
    public int rowsOf(int page) {
        return firstRow(page + 1) - firstRow(page);
    }

    /** A rule by its number. */
    public UnwindRule rule(int index) {
        long at = rulesAt + (long) UnwindRule.BYTES * Objects.checkIndex(index, rules);
        return new UnwindRule(
                KINDS[bytes.get(ValueLayout.JAVA_BYTE, at)],
                Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at + 1)),
                SAVED[bytes.get(ValueLayout.JAVA_BYTE, at + 2)],
                Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at + 3)),
                bytes.get(INT, at + 4),
                bytes.get(SHORT, at + 8),
                bytes.get(SHORT, at + 10));
    }

    /** Copies the twelve bytes of a rule as they are to a buffer, at its position. */
    public void putRule(int index, ByteBuffer target) {
        long at = rulesAt + (long) UnwindRule.BYTES * Objects.checkIndex(index, rules);
        for (int i = 0; i < UnwindRule.BYTES; i++) {
            target.put(bytes.get(ValueLayout.JAVA_BYTE, at + i));
        }
    }

    /**
     * Copies the rows of a page to a buffer, at its position, four bytes each.
     *
     * @param target little-endian
     * @param globalRules for each rule of this table, the number to be written
     */
    public void copyRows(int page, ByteBuffer target, short[] globalRules) {
        if (target.order() != ByteOrder.LITTLE_ENDIAN || globalRules.length < rules) {
            throw new IllegalArgumentException("a little-endian buffer, and all rules, are wanted");
        }
        int end = firstRow(page + 1);
        for (int row = firstRow(page); row < end; row++) {
            target.putShort((short) low(row));
            target.putShort(globalRules[ruleNumber(row)]);
        }
    }

    private int low(int row) {
        return Short.toUnsignedInt(
                bytes.get(SHORT, rowsAt + (long) UnwindTableLayout.ROW_BYTES * row));
    }

    /** The rule of a row; of one that does not exist, the unknown one. */
    private int ruleNumber(int row) {
        int number =
                Short.toUnsignedInt(
                        bytes.get(SHORT, rowsAt + (long) UnwindTableLayout.ROW_BYTES * row + 2));
        return number < rules ? number : 0;
    }

    /** The rule at an ELF virtual address; UNKNOWN where there is no code. */
    public UnwindRule find(long address) {
        long page = (address >> CodeRanges.PAGE_BITS) - pageBase;
        if (page < 0 || page >= pages) {
            return UnwindRule.UNKNOWN;
        }
        int wanted = (int) address & ((1 << CodeRanges.PAGE_BITS) - 1);
        int low = firstRow((int) page);
        int high = firstRow((int) page + 1) - 1;
        if (high < low) {
            return UnwindRule.UNKNOWN;
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (low(middle) <= wanted) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return rule(ruleNumber(low));
    }
}
