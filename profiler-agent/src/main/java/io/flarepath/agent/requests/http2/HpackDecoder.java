package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.message.TraceIds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the fields of one direction of a connection (RFC 7541). It may begin in the middle: what
 * the dynamic table held before is unknown, and a field that refers to it has no name; entries that
 * were added since are known, since they are counted from the newest. Of fields that nobody may see
 * only the lengths are kept. Values are decoded only where they are wanted.
 *
 * <p>Netty's decoder would do but for the beginning in the middle, which it takes for an error, and
 * for its size: 3.7 MB with what it needs, more than the agent's own code.
 */
final class HpackDecoder {
    /** Largest table that is followed; of a larger one the oldest entries are unknown. */
    static final int MOST_BYTES = 16 << 10;

    private static final int DEFAULT_BYTES = 4096;
    private static final int ENTRY_OVERHEAD = 32;
    private static final int MOST_FIELDS = 512;

    /** Takes the fields of a block in order. */
    interface Fields {
        /**
         * A field.
         *
         * @param name in lower case as it must be, or null if it is not known
         * @param value empty if it is not wanted
         */
        void field(@Nullable String name, String value);
    }

    private record Entry(@Nullable String name, String value, int size) {}

    private final ArrayDeque<Entry> table = new ArrayDeque<>();
    private int tableBytes;
    private int mostBytes;

    /** Older entries than those in the table may exist. */
    private boolean late;

    private byte[] block = new byte[0];
    private int at;
    private int end;
    private int textLength;

    HpackDecoder(boolean fromStart) {
        late = !fromStart;
        mostBytes = fromStart ? DEFAULT_BYTES : MOST_BYTES;
    }

    /** Blocks were missed: nothing is known of the table any more. */
    void lost() {
        table.clear();
        tableBytes = 0;
        late = true;
        mostBytes = MOST_BYTES;
    }

    int heldBytes() {
        return tableBytes + table.size() * 64;
    }

    /**
     * Where the name of a field stands in the static table.
     *
     * @param first byte of the field
     * @return 0 if it is not there, or not in the first byte
     */
    static int staticIndex(int first) {
        if (first >= 0x80) {
            return inTable(first & 0x7F);
        }
        if (first >= 0x40) {
            return inTable(first & 0x3F);
        }
        // Fifteen is where a longer number goes on.
        return first < 0x20 && (first & 0xF) < 0xF ? first & 0xF : 0;
    }

    private static int inTable(int index) {
        return index <= HpackStaticTable.SIZE ? index : 0;
    }

    /**
     * Decodes a whole block, or as much of one as there is.
     *
     * @return whether all of it was understood; if not, the table is unknown from here on
     */
    boolean decode(byte[] bytes, int length, Fields fields) {
        block = bytes;
        at = 0;
        end = length;
        int count = 0;
        while (at < end) {
            if (++count > MOST_FIELDS || !next(fields)) {
                lost();
                return false;
            }
        }
        return true;
    }

    private boolean next(Fields fields) {
        int first = block[at] & 0xFF;
        if (first >= 0x80) {
            return indexed(integer(7), fields);
        }
        if (first >= 0x40) {
            return literal(integer(6), true, fields);
        }
        if (first >= 0x20) {
            return resize(integer(5));
        }
        return literal(integer(4), false, fields);
    }

    private boolean indexed(int index, Fields fields) {
        if (index <= 0) {
            return false;
        }
        if (index <= HpackStaticTable.SIZE) {
            fields.field(HpackStaticTable.name(index), HpackStaticTable.value(index));
            return true;
        }
        Entry entry = entry(index);
        if (entry == null) {
            fields.field(null, "");
            return late;
        }
        fields.field(entry.name, entry.value);
        return true;
    }

    private boolean literal(int index, boolean keep, Fields fields) {
        String name;
        int nameLength;
        if (index < 0) {
            return false;
        } else if (index == 0) {
            name = text(true);
            nameLength = textLength;
            if (name == null) {
                return false;
            }
        } else if (index <= HpackStaticTable.SIZE) {
            name = HpackStaticTable.name(index);
            nameLength = name.length();
        } else {
            Entry entry = entry(index);
            if (entry == null && !late) {
                return false;
            }
            name = entry == null ? null : entry.name;
            nameLength = name == null ? 0 : name.length();
        }
        String value = text(name != null && isWanted(name));
        if (value == null) {
            return false;
        }
        if (keep) {
            add(new Entry(name, value, ENTRY_OVERHEAD + nameLength + textLength));
        }
        fields.field(name, value);
        return true;
    }

    private boolean resize(int bytes) {
        if (bytes < 0) {
            return false;
        }
        late |= bytes > MOST_BYTES;
        mostBytes = Math.min(bytes, MOST_BYTES);
        evict();
        // An empty table is a known one.
        late &= bytes > 0;
        return true;
    }

    private @Nullable Entry entry(int index) {
        int left = index - HpackStaticTable.SIZE - 1;
        if (left >= table.size()) {
            return null;
        }
        Iterator<Entry> entries = table.iterator();
        while (left-- > 0) {
            entries.next();
        }
        return entries.next();
    }

    private void add(Entry entry) {
        table.addFirst(entry);
        tableBytes += entry.size;
        evict();
    }

    private void evict() {
        while (tableBytes > mostBytes) {
            tableBytes -= table.removeLast().size;
        }
    }

    /** An integer with a prefix of so many bits (section 5.1), or -1. */
    private int integer(int prefix) {
        int mask = (1 << prefix) - 1;
        int value = block[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift < 28; shift += 7) {
            if (at >= end) {
                return -1;
            }
            int next = block[at++];
            value += (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return -1;
    }

    /**
     * A string (section 5.2), empty if it is not wanted, or null if it is none. Sets its length,
     * which for a coded one that is not wanted has to be counted all the same.
     */
    private @Nullable String text(boolean wanted) {
        if (at >= end) {
            return null;
        }
        boolean coded = block[at] < 0;
        int length = integer(7);
        if (length < 0 || length > end - at) {
            return null;
        }
        int from = at;
        at += length;
        textLength = length;
        if (coded) {
            String text = HpackHuffman.decode(block, from, length);
            if (text == null) {
                return null;
            }
            textLength = text.length();
            return wanted ? text : "";
        }
        return wanted ? new String(block, from, length, StandardCharsets.ISO_8859_1) : "";
    }

    private static boolean isWanted(String name) {
        return switch (name) {
            case ":method",
                    ":path",
                    ":status",
                    ":authority",
                    ":protocol",
                    "content-type",
                    "grpc-status",
                    "prefer" ->
                    true;
            default -> TraceIds.isWanted(name);
        };
    }
}
