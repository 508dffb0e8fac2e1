package io.flarepath.store.call;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls of one service that began in one window, as they are stored: column by column, texts in a
 * table of the block's own (docs/store-format.md). The head is read without unpacking; attributes
 * are only when a call is asked for.
 */
public final class CallBlock {
    /** Calls of a block. */
    public static final int MOST_CALLS = 4096;

    /** Size of a block's calls before they are packed, about; one call may have more. */
    static final long MOST_BYTES = 8L << 20;

    static final int MAGIC = 0xFCA1;

    /** Flags: two bits of role, then these. */
    static final int FAILED = 4;

    /** The call belongs to another span. */
    static final int PARENT = 8;

    /** Texts that every call has: scope, name, message, and the five words. */
    static final int TEXTS = 8;

    private static final int SCOPE = 0;
    private static final int NAME = 1;
    private static final int MESSAGE = 2;
    private static final int PROTOCOL = 3;
    private static final int METHOD = 4;
    private static final int ROUTE = 5;
    private static final int STATUS = 6;
    private static final int PEER = 7;

    /** A column of attributes: which calls have it, and numbers of the values. */
    private record Column(String name, int[] rows, int[] values) {}

    private final CallSummary summary;
    private final String[] strings;
    private final Labels[] resources;
    private final long[] starts;
    private final long[] durations;
    private final byte[] flags;
    private final long[] tracesHigh;
    private final long[] tracesLow;
    private final long[] spans;
    private final long[] parents;
    private final int[] resourceOf;
    private final int[][] texts;
    private final ByteReader rest;
    private final List<Column> attributes = new ArrayList<>();
    private boolean attributesRead;

    private CallBlock(CallSummary summary, ByteReader body) {
        this.summary = summary;
        this.strings = strings(body);
        this.resources = resources(body, strings);
        int calls = summary.calls();
        starts = new long[calls];
        long last = summary.firstNanos();
        for (int i = 0; i < calls; i++) {
            long distance = body.varint();
            if (distance < 0 || distance > summary.lastNanos() - last) {
                throw new CorruptValueException("a call begins behind the last one");
            }
            last += distance;
            starts[i] = last;
        }
        durations = new long[calls];
        for (int i = 0; i < calls; i++) {
            durations[i] = body.varint();
            if (durations[i] < 0 || durations[i] > summary.longestNanos()) {
                throw new CorruptValueException("a call takes longer than the longest");
            }
        }
        flags = new byte[calls];
        for (int i = 0; i < calls; i++) {
            int flag = body.u8();
            if (flag > (PARENT | FAILED | 3)) {
                throw new CorruptValueException("unknown flags of a call: " + flag);
            }
            flags[i] = (byte) flag;
        }
        tracesHigh = new long[calls];
        tracesLow = new long[calls];
        spans = new long[calls];
        parents = new long[calls];
        for (int i = 0; i < calls; i++) {
            tracesHigh[i] = body.u64();
            tracesLow[i] = body.u64();
            spans[i] = body.u64();
            parents[i] = (flags[i] & PARENT) == 0 ? 0 : body.u64();
        }
        resourceOf = numbers(body, calls, resources.length, "a resource");
        texts = new int[TEXTS][];
        for (int i = 0; i < TEXTS; i++) {
            texts[i] = numbers(body, calls, strings.length, "a text");
        }
        rest = body;
    }

    /** Calls packed, with what is looked at before they are fetched. */
    public record Packed(byte[] block, byte[] index, CallSummary summary) {}

    /**
     * Packs calls of one service and window.
     *
     * @param calls in order of their beginning, at most {@link #MOST_CALLS}
     */
    public static Packed encode(List<Call> calls, ZstdPool zstd) {
        return new CallBlockWriter(calls).write(zstd);
    }

    /** Cuts a list of calls into such as make a block. */
    public static List<List<Call>> cut(List<Call> calls) {
        List<List<Call>> blocks = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < calls.size(); i++) {
            long more = calls.get(i).bytes();
            if (i > from && (i - from == MOST_CALLS || bytes + more > MOST_BYTES)) {
                blocks.add(calls.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += more;
        }
        if (from < calls.size()) {
            blocks.add(calls.subList(from, calls.size()));
        }
        return blocks;
    }

    /**
     * What is known of a block without unpacking it.
     *
     * @throws CorruptValueException when it is none
     */
    public static CallSummary summary(byte[] value) {
        return CallSummary.read(Envelope.open(MAGIC, value).head());
    }

    /**
     * Unpacks a block.
     *
     * @throws CorruptValueException when it is none
     */
    public static CallBlock open(byte[] value, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        return new CallBlock(CallSummary.read(envelope.head()), envelope.body(zstd));
    }

    private static String[] strings(ByteReader in) {
        String[] strings = new String[in.varintUpTo(in.remaining(), "a number of texts")];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = in.text();
        }
        return strings;
    }

    private static Labels[] resources(ByteReader in, String[] strings) {
        Labels[] resources =
                new Labels
                        [Math.min(MOST_CALLS, in.varintUpTo(MOST_CALLS, "a number of resources"))];
        for (int i = 0; i < resources.length; i++) {
            int size = in.varintUpTo(in.remaining() / 2, "a number of labels");
            Map<String, String> labels = new HashMap<>();
            for (int j = 0; j < size; j++) {
                labels.put(
                        strings[number(in, strings.length, "a name")],
                        strings[number(in, strings.length, "a value")]);
            }
            resources[i] = Labels.of(labels);
        }
        return resources;
    }

    private static int number(ByteReader in, int end, String what) {
        return in.varintUpTo(end - 1, what);
    }

    private static int[] numbers(ByteReader in, int count, int end, String what) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = number(in, end, what);
        }
        return numbers;
    }

    /** How many calls there are. */
    public int size() {
        return starts.length;
    }

    /** What is known of the block as a whole. */
    public CallSummary summary() {
        return summary;
    }

    CallPlace place(int call) {
        return new CallPlace(
                starts[call], durations[call], tracesHigh[call], tracesLow[call], spans[call]);
    }

    CallRole role(int call) {
        return CallRole.ofCode(flags[call] & 3);
    }

    boolean failed(int call) {
        return (flags[call] & FAILED) != 0;
    }

    /** Labels of all who saw calls of the block. */
    List<Labels> resources() {
        return List.of(resources);
    }

    int resource(int call) {
        return resourceOf[call];
    }

    String protocol(int call) {
        return text(PROTOCOL, call);
    }

    String method(int call) {
        return text(METHOD, call);
    }

    String route(int call) {
        return text(ROUTE, call);
    }

    String status(int call) {
        return text(STATUS, call);
    }

    String peer(int call) {
        return text(PEER, call);
    }

    private String text(int column, int call) {
        return strings[texts[column][call]];
    }

    /** One call, whole. */
    public Call get(int call) {
        Map<String, String> values = new HashMap<>();
        for (Column column : attributes()) {
            int at = Arrays.binarySearch(column.rows(), call);
            if (at >= 0) {
                values.put(column.name(), strings[column.values()[at]]);
            }
        }
        return new Call(
                resources[resourceOf[call]],
                text(SCOPE, call),
                text(NAME, call),
                role(call),
                tracesHigh[call],
                tracesLow[call],
                spans[call],
                parents[call],
                starts[call],
                durations[call],
                failed(call),
                text(MESSAGE, call),
                new CallWords(protocol(call), method(call), route(call), status(call), peer(call)),
                Labels.of(values));
    }

    /** All calls. */
    public List<Call> all() {
        List<Call> all = new ArrayList<>(size());
        for (int i = 0; i < size(); i++) {
            all.add(get(i));
        }
        return all;
    }

    private List<Column> attributes() {
        if (!attributesRead) {
            int columns = rest.varintUpTo(rest.remaining(), "a number of attributes");
            for (int i = 0; i < columns; i++) {
                attributes.add(column());
            }
            if (rest.remaining() > 0) {
                throw new CorruptValueException(rest.remaining() + " bytes behind the last column");
            }
            attributesRead = true;
        }
        return attributes;
    }

    private Column column() {
        String name = strings[number(rest, strings.length, "a name")];
        // A row takes two bytes at least: what is claimed must be there.
        int size = rest.varintUpTo(Math.min(size(), rest.remaining() / 2), "a number of values");
        int[] rows = new int[size];
        int row = -1;
        for (int i = 0; i < size; i++) {
            row += 1 + rest.varintUpTo(size() - 2 - row, "a distance of calls");
            rows[i] = row;
        }
        return new Column(name, rows, numbers(rest, size, strings.length, "a value"));
    }
}
