package io.flarepath.it;

import io.flarepath.api.ingest.PprofWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Uploads of one service as a Go program makes them: CPU profiles of 20,000 stacks of depth 20 to
 * 60 that share their callers, 1,000 hits drawn by zipf 1.0, which are some 540 rows. Seeded. Their
 * time is 0, so that {@code from} of the request holds and one body can be sent again and again.
 */
final class GeneratedUploads {
    static final long PERIOD_NANOS = 10_000_000;
    private static final int STACKS = 20_000;
    private static final int FUNCTIONS = 10_000;
    private static final int HITS = 1_000;
    private static final String[] WORDS = {
        "order", "cart", "stock", "price", "route", "index", "codec", "event", "session", "ledger"
    };

    private final Random random;
    private final List<int[]> stacks = new ArrayList<>();
    private final String[] names = new String[FUNCTIONS];
    private final String[] files = new String[FUNCTIONS];
    private final double[] cumulated = new double[STACKS];

    /**
     * A body.
     *
     * @param packed the pprof, gzipped as Go's own writer does
     * @param rawBytes its length before
     * @param rows its distinct stacks
     * @param nanos the sum of its CPU time
     */
    record Upload(byte[] packed, int rawBytes, int rows, long nanos) {}

    GeneratedUploads(long seed) {
        random = new Random(seed);
        for (int i = 0; i < FUNCTIONS; i++) {
            String part = word() + "/" + word();
            String type = word();
            names[i] = "github.com/example/shop/" + part + ".(*" + type + ").handle" + i;
            files[i] = "/src/shop/" + part + "/" + type + ".go";
        }
        double sum = 0;
        for (int i = 0; i < STACKS; i++) {
            stacks.add(stack(i));
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
    }

    private String word() {
        return WORDS[random.nextInt(WORDS.length)];
    }

    /** Every stack leaves an earlier one at some depth. */
    private int[] stack(int number) {
        int[] base = number == 0 ? new int[0] : stacks.get(random.nextInt(number));
        int[] stack = new int[20 + random.nextInt(41)];
        int shared = Math.min(base.length, stack.length - 1 - random.nextInt(8));
        for (int at = 0; at < stack.length; at++) {
            stack[at] = at < shared ? base[at] : random.nextInt(FUNCTIONS);
        }
        return stack;
    }

    /** The next body. */
    Upload next() {
        Map<Integer, Integer> hits = new TreeMap<>();
        for (int i = 0; i < HITS; i++) {
            double at = random.nextDouble() * cumulated[STACKS - 1];
            int place = Arrays.binarySearch(cumulated, at);
            hits.merge(place < 0 ? -place - 1 : place, 1, Integer::sum);
        }
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType("samples", "count")
                        .sampleType("cpu", "nanoseconds")
                        .period("cpu", "nanoseconds", PERIOD_NANOS)
                        .time(0, 10_000_000_000L)
                        .mapping(1, 0x400000, 0, "/usr/local/bin/shop", "3c5f0a7d9e");
        Map<Integer, Integer> ids = new LinkedHashMap<>();
        hits.forEach((stack, count) -> {
            int[] rootFirst = stacks.get(stack);
            long[] locations = new long[rootFirst.length];
            for (int i = 0; i < locations.length; i++) {
                locations[locations.length - 1 - i] =
                        ids.computeIfAbsent(rootFirst[i], each -> ids.size() + 1);
            }
            pprof.sample(locations, count, count * PERIOD_NANOS);
        });
        ids.forEach((function, id) -> {
            location(pprof, id, function);
            pprof.function(id, names[function], files[function]);
        });
        byte[] raw = pprof.bytes();
        return new Upload(gzip(raw), raw.length, hits.size(), HITS * PERIOD_NANOS);
    }

    /** A function is seen at one line, whatever number it has in a profile. */
    private static void location(PprofWriter pprof, int id, int function) {
        byte[] line =
                PprofWriter.message(fields -> {
                    fields.writeUInt64(1, id);
                    fields.writeInt64(2, 20 + function % 400);
                });
        pprof.field(
                4,
                fields -> {
                    fields.writeUInt64(1, id);
                    fields.writeUInt64(2, 1);
                    fields.writeUInt64(3, 0x401000 + 64L * function);
                    fields.writeByteArray(4, line);
                });
    }

    /** Go's runtime/pprof packs as fast as it can. */
    private static byte[] gzip(byte[] raw) {
        var packed = new java.io.ByteArrayOutputStream();
        try (GZIPOutputStream out =
                new GZIPOutputStream(packed) {
                    {
                        def.setLevel(Deflater.BEST_SPEED);
                    }
                }) {
            out.write(raw);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return packed.toByteArray();
    }
}
