package io.flarepath.store.metric;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Measures by slot, as they are stored: docs/store-format.md. */
public final class MeasureSlots {
    /** Width of a slot, nanoseconds. */
    public static final long SLOT_NANOS = 10_000_000_000L;

    /** Slots of a window. */
    public static final int SLOTS = 60;

    private static final int MAGIC = 0xF3A5;

    private MeasureSlots() {}

    /** The slot of an instant within its window. */
    public static int slotOf(long nanos) {
        return (int) (nanos / SLOT_NANOS % SLOTS);
    }

    /** Adds a measure to those of a slot. */
    public static void add(Map<Integer, Measure> slots, int slot, Measure measure) {
        slots.merge(slot, measure, Measure::plus);
    }

    /** All slots, at least one, as one value. */
    public static byte[] encode(SortedMap<Integer, Measure> slots, ZstdPool zstd) {
        MetricKind kind = MetricKind.of(slots.values().iterator().next());
        ByteWriter head = new ByteWriter(16).varint(kind.code()).varint(slots.size());
        ByteWriter body = new ByteWriter(256);
        int last = 0;
        for (Map.Entry<Integer, Measure> entry : slots.entrySet()) {
            body.varint(entry.getKey() - last);
            last = entry.getKey();
            switch (entry.getValue()) {
                case Amount amount -> write(body, amount);
                case Gauge gauge -> {
                    write(body.varint(gauge.count()), gauge.sum());
                    body.u64(Double.doubleToLongBits(gauge.least()))
                            .u64(Double.doubleToLongBits(gauge.most()));
                }
                case Histogram histogram -> write(body, histogram);
            }
        }
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    private static void write(ByteWriter out, Amount amount) {
        out.varint(zigzag(amount.whole())).varint(amount.billionths());
    }

    private static void write(ByteWriter out, Histogram histogram) {
        write(out, histogram.sum());
        long[] counts = histogram.counts();
        out.varint(zigzag(histogram.scale()))
                .varint(histogram.zeros())
                .varint(zigzag(histogram.first()))
                .varint(counts.length);
        for (int i = 0; i < counts.length; i++) {
            out.varint(counts[i]);
            if (counts[i] == 0) {
                int end = i;
                while (counts[end] == 0) {
                    end++;
                }
                out.varint(end - i - 1L);
                i = end - 1;
            }
        }
    }

    /**
     * Reads a value.
     *
     * @throws CorruptValueException when it is none
     */
    public static SortedMap<Integer, Measure> decode(byte[] value, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader head = envelope.head();
        MetricKind kind = MetricKind.ofCode(head.varintUpTo(2, "a kind"));
        int size = head.varintUpTo(SLOTS, "a number of slots");
        ByteReader body = envelope.body(zstd);
        SortedMap<Integer, Measure> slots = new TreeMap<>();
        int slot = 0;
        try {
            for (int i = 0; i < size; i++) {
                slot += body.varintUpTo(SLOTS - 1, "a distance of slots");
                if (slot >= SLOTS || slots.put(slot, measure(kind, body)) != null) {
                    throw new CorruptValueException("slot " + slot + " has no place");
                }
            }
        } catch (IllegalArgumentException e) {
            throw new CorruptValueException(String.valueOf(e.getMessage()));
        }
        if (size == 0 || body.remaining() > 0) {
            throw new CorruptValueException(
                    size + " slots, and " + body.remaining() + " bytes behind them");
        }
        return slots;
    }

    /**
     * How many slots a value has, without reading them.
     *
     * @throws CorruptValueException when it is none
     */
    public static int count(byte[] value) {
        ByteReader head = Envelope.open(MAGIC, value).head();
        head.varint();
        return head.varintUpTo(SLOTS, "a number of slots");
    }

    private static Measure measure(MetricKind kind, ByteReader in) {
        return switch (kind) {
            case COUNTER -> amount(in);
            case GAUGE -> gauge(in);
            case HISTOGRAM -> histogram(in);
        };
    }

    private static Gauge gauge(ByteReader in) {
        long count = in.varint();
        if (count <= 0) {
            throw new CorruptValueException("a gauge that was seen " + count + " times");
        }
        return new Gauge(
                count,
                amount(in),
                Double.longBitsToDouble(in.u64()),
                Double.longBitsToDouble(in.u64()));
    }

    private static Amount amount(ByteReader in) {
        return new Amount(unzigzag(in.varint()), in.varintUpTo(999_999_999, "billionths"));
    }

    private static Histogram histogram(ByteReader in) {
        Amount sum = amount(in);
        int scale = signed(in, "a scale");
        long zeros = in.varint();
        int first = signed(in, "a first bucket");
        long[] counts = new long[in.varintUpTo(Histogram.MOST_BUCKETS, "a number of buckets")];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.varint();
            if (counts[i] == 0) {
                i += in.varintUpTo(counts.length - 1 - i, "a run of empty buckets");
            }
        }
        return Histogram.of(scale, zeros, first, counts, sum);
    }

    private static int signed(ByteReader in, String what) {
        long value = unzigzag(in.varint());
        if (value != (int) value) {
            throw new CorruptValueException(what + " must fit in 32 bits, not " + value);
        }
        return (int) value;
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    private static long unzigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }
}
