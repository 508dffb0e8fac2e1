package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads call frame information: {@code .eh_frame} (LSB core, chapter 10.6) and {@code .debug_frame}
 * (DWARF 3 to 5, section 6.4). What is damaged is left out and counted: its code becomes UNKNOWN
 * where that is known, and the rest is read.
 */
final class CallFrames {
    /**
     * A section.
     *
     * @param source its bytes
     * @param address ELF virtual address of its first byte
     * @param isEhFrame else it is .debug_frame
     * @param dataBase to which data-relative addresses relate
     * @param mostEntries frame description entries that it has at most
     * @param bounded whether the source ends where the section does; else an entry of length zero
     *     ends it
     */
    record Origin(
            ByteSource source,
            long address,
            boolean isEhFrame,
            long dataBase,
            long mostEntries,
            boolean bounded) {}

    private static final long EXTENDED = 0xffff_ffffL;
    private static final int KEPT_COMMON_ENTRIES = 1024;
    private static final int KEPT_INEXPRESSIBLE = 4096;
    private static final int MAX_AUGMENTATION = 8;
    private static final int EXPRESSION_WINDOW = 256;

    /** Common entries that are read again and again may take this much more than all that is. */
    private static final long SPARE_WORK = 1 << 24;

    private final RuleSink sink;
    private final List<Inexpressible> inexpressible = new ArrayList<>();
    private int ranges;
    private int rows;
    private int inexpressibleRows;
    private int damaged;
    private @Nullable IOException refusal;

    private final Map<Long, CommonEntry> common =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, CommonEntry> eldest) {
                    return size() > KEPT_COMMON_ENTRIES;
                }
            };

    CallFrames(RuleSink sink) {
        this.sink = sink;
    }

    /** Frame description entries that were read. */
    int ranges() {
        return ranges;
    }

    /** Rows that they had. */
    int rows() {
        return rows;
    }

    /** Rows that became UNKNOWN because no rule expresses them. */
    int inexpressibleRows() {
        return inexpressibleRows;
    }

    /** The first of them. */
    List<Inexpressible> inexpressible() {
        return inexpressible;
    }

    /** Entries that could not be read, or not to their end. */
    int damaged() {
        return damaged;
    }

    /** Reads a section, entry by entry. */
    void read(Origin origin) throws IOException {
        new Section(origin).read();
    }

    private void hand(long start, long end, UnwindRule rule) throws IOException {
        try {
            sink.rule(start, end, rule);
        } catch (IOException e) {
            refusal = e;
            throw e;
        }
    }

    private final class Section {
        private final Origin origin;
        private final Window window;
        private final Window jumps;
        private final FrameProgram program;
        private final FrameProgram commonProgram;
        private final RuleTranslation translation;
        private long work;

        Section(Origin origin) throws IOException {
            this.origin = origin;
            window = new Window(origin.source);
            jumps = new Window(origin.source, EXPRESSION_WINDOW);
            program = new FrameProgram(origin.address, origin.dataBase);
            commonProgram = new FrameProgram(origin.address, origin.dataBase);
            translation = new RuleTranslation(new Window(origin.source, EXPRESSION_WINDOW));
            work = window.size() + SPARE_WORK;
            common.clear();
        }

        void read() throws IOException {
            long at = 0;
            long entries = 0;
            while (window.size() - at >= 4 && entries < origin.mostEntries) {
                Cursor cursor = new Cursor(window, at);
                long length = length(cursor);
                if (length == 0 && !origin.bounded) {
                    return;
                }
                long start = cursor.position();
                if (length < 0 || length > window.size() - start) {
                    damaged++;
                    return;
                }
                boolean wide = start - at > 4;
                long idBytes = wide && !origin.isEhFrame ? 8 : 4;
                if (length >= idBytes && describesCode(cursor, start, idBytes)) {
                    entries++;
                    description(cursor, start + length);
                }
                at = start + length;
            }
        }

        private static long length(Cursor cursor) throws IOException {
            long length = cursor.u32();
            return length == EXTENDED ? cursor.i64() : length;
        }

        private long commonAt;

        /** Whether it is a frame description entry; if so, notes where its common entry is. */
        private boolean describesCode(Cursor cursor, long start, long idBytes) throws IOException {
            long id = cursor.unsigned((int) idBytes);
            commonAt = origin.isEhFrame ? start - id : id;
            return origin.isEhFrame ? id != 0 : id != (idBytes == 8 ? -1 : EXTENDED);
        }

        private void description(Cursor cursor, long end) throws IOException {
            long low = 0;
            long high = 0;
            boolean begun = false;
            try {
                CommonEntry entry = common(commonAt);
                low =
                        EncodedPointer.read(
                                cursor, entry.encoding(), origin.address, origin.dataBase);
                long bytes = EncodedPointer.value(cursor, entry.encoding());
                high = low + bytes;
                if (entry.augmented()) {
                    cursor.skip(cursor.uleb());
                }
                if (bytes <= 0 || high < low || cursor.position() > end) {
                    return; // of a function that the linker left out, or nonsense
                }
                begun = true;
                ranges++;
                program.run(
                        cursor,
                        end,
                        entry,
                        low,
                        high,
                        (from, to, row) -> row(from, to, row, entry));
            } catch (MalformedBinaryException e) {
                if (refusal != null) {
                    throw refusal;
                }
                damaged++;
                if (begun && program.reached() < high) {
                    hand(program.reached(), high, UnwindRule.UNKNOWN);
                }
            }
        }

        private void row(long start, long end, FrameState state, CommonEntry entry)
                throws IOException {
            rows++;
            UnwindRule rule = translation.of(state, entry);
            if (rule == null) {
                inexpressibleRows++;
                if (inexpressible.size() < KEPT_INEXPRESSIBLE) {
                    inexpressible.add(new Inexpressible(start, end, translation.describe(state)));
                }
            }
            hand(start, end, rule == null ? UnwindRule.UNKNOWN : rule);
        }

        /** The common entry at an offset, kept for the next time. */
        private CommonEntry common(long at) throws IOException {
            CommonEntry known = common.get(at);
            if (known != null) {
                return known;
            }
            if (at < 0 || at > jumps.size() - 4) {
                throw new MalformedBinaryException("there is no common entry at " + at);
            }
            Cursor cursor = new Cursor(jumps, at);
            long length = length(cursor);
            long start = cursor.position();
            if (length <= 0 || length > jumps.size() - start) {
                throw new MalformedBinaryException("a common entry has " + length + " bytes");
            }
            work -= length;
            if (work < 0) {
                throw new MalformedBinaryException("there are too many common entries");
            }
            boolean wide = start - at > 4;
            int idBytes = wide && !origin.isEhFrame ? 8 : 4;
            if (describesCode(cursor, start, idBytes)) {
                throw new MalformedBinaryException("there is no common entry at " + at);
            }
            CommonEntry entry = common(cursor, start + length);
            common.put(at, entry);
            return entry;
        }

        private CommonEntry common(Cursor cursor, long end) throws IOException {
            int version = cursor.u8();
            if (version != 1 && version != 3 && version != 4) {
                throw new MalformedBinaryException("call frames of version " + version);
            }
            String augmentation = augmentation(cursor);
            if (version == 4 && (cursor.u8() != 8 || cursor.u8() != 0)) {
                throw new MalformedBinaryException("addresses are not of eight bytes");
            }
            long codeFactor = cursor.uleb();
            long dataFactor = cursor.sleb();
            long returnColumn = version == 1 ? cursor.u8() : cursor.uleb();
            int encoding = EncodedPointer.ABSOLUTE;
            boolean augmented = augmentation.startsWith("z");
            if (augmented) {
                long bytes = cursor.uleb();
                long dataEnd = cursor.position() + bytes;
                encoding = encoding(cursor, augmentation);
                if (bytes < 0 || dataEnd > end || cursor.position() > dataEnd) {
                    throw new MalformedBinaryException("augmentation data leaves its entry");
                }
                cursor.seek(dataEnd);
            } else if (!augmentation.isEmpty() && !augmentation.equals("S")) {
                throw new MalformedBinaryException("augmentation " + augmentation);
            }
            CommonEntry entry =
                    new CommonEntry(
                            codeFactor,
                            dataFactor,
                            returnColumn,
                            encoding,
                            augmented,
                            augmentation.indexOf('S') >= 0,
                            new FrameState());
            commonProgram.runInitial(cursor, end, entry);
            return entry;
        }

        private static String augmentation(Cursor cursor) throws IOException {
            StringBuilder text = new StringBuilder();
            for (int c = cursor.u8(); c != 0; c = cursor.u8()) {
                if (text.length() == MAX_AUGMENTATION) {
                    throw new MalformedBinaryException("augmentation " + text);
                }
                text.append((char) c);
            }
            return text.toString();
        }

        /** The encoding of addresses, out of augmentation data. */
        private int encoding(Cursor cursor, String augmentation) throws IOException {
            int encoding = EncodedPointer.ABSOLUTE;
            for (int i = 1; i < augmentation.length(); i++) {
                switch (augmentation.charAt(i)) {
                    case 'R' -> encoding = cursor.u8();
                    case 'L' -> cursor.u8();
                    case 'P' -> EncodedPointer.skip(cursor, cursor.u8(), origin.address);
                    case 'S', 'B', 'G' -> {} // no data
                    default -> throw new MalformedBinaryException("augmentation " + augmentation);
                }
            }
            return encoding;
        }
    }
}
