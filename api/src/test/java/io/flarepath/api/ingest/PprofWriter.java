package io.flarepath.api.ingest;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Writes pprofs for tests, well formed and otherwise; not used by the service. */
public final class PprofWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<String> strings = new ArrayList<>(List.of(""));
    private final Map<String, Integer> indices = new HashMap<>(Map.of("", 0));

    /** Writes one message. */
    @FunctionalInterface
    public interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    public static byte[] message(Fields fields) {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(inner);
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return inner.toByteArray();
    }

    public PprofWriter field(int number, Fields fields) {
        byte[] inner = message(fields);
        bytes.writeBytes(message(out -> out.writeByteArray(number, inner)));
        return this;
    }

    public PprofWriter number(int number, long value) {
        bytes.writeBytes(message(out -> out.writeInt64(number, value)));
        return this;
    }

    public int string(String text) {
        Integer known = indices.putIfAbsent(text, strings.size());
        if (known != null) {
            return known;
        }
        strings.add(text);
        return strings.size() - 1;
    }

    public PprofWriter sampleType(String type, String unit) {
        int typeString = string(type);
        int unitString = string(unit);
        return field(
                1,
                out -> {
                    out.writeInt64(1, typeString);
                    out.writeInt64(2, unitString);
                });
    }

    public PprofWriter period(String type, String unit, long period) {
        int typeString = string(type);
        int unitString = string(unit);
        field(
                11,
                out -> {
                    out.writeInt64(1, typeString);
                    out.writeInt64(2, unitString);
                });
        return number(12, period);
    }

    public PprofWriter time(long nanos, long duration) {
        return number(9, nanos).number(10, duration);
    }

    public PprofWriter sample(long[] locations, long... values) {
        return sample(Map.of(), locations, values);
    }

    /** A sample with labels of its own. */
    public PprofWriter sample(Map<String, String> labels, long[] locations, long... values) {
        List<byte[]> pairs = new ArrayList<>();
        labels.forEach((name, value) -> {
            int nameString = string(name);
            int valueString = string(value);
            pairs.add(
                    message(pair -> {
                        pair.writeInt64(1, nameString);
                        pair.writeInt64(2, valueString);
                    }));
        });
        return field(
                2,
                out -> {
                    out.writeByteArray(
                            1,
                            message(packed -> {
                                for (long location : locations) {
                                    packed.writeUInt64NoTag(location);
                                }
                            }));
                    for (long value : values) {
                        out.writeInt64(2, value);
                    }
                    for (byte[] pair : pairs) {
                        out.writeByteArray(3, pair);
                    }
                });
    }

    public PprofWriter mapping(long id, long start, long offset, String file, String buildId) {
        int fileString = string(file);
        int buildString = string(buildId);
        return field(
                3,
                out -> {
                    out.writeUInt64(1, id);
                    out.writeUInt64(2, start);
                    out.writeUInt64(4, offset);
                    out.writeInt64(5, fileString);
                    out.writeInt64(6, buildString);
                });
    }

    /** A location with one line a function, the innermost first. */
    public PprofWriter location(long id, long mapping, long address, long... functions) {
        return field(
                4,
                out -> {
                    out.writeUInt64(1, id);
                    out.writeUInt64(2, mapping);
                    out.writeUInt64(3, address);
                    for (long function : functions) {
                        out.writeByteArray(
                                4,
                                message(line -> {
                                    line.writeUInt64(1, function);
                                    line.writeInt64(2, 10 + function);
                                }));
                    }
                });
    }

    public PprofWriter function(long id, String name, String file) {
        int nameString = string(name);
        int fileString = string(file);
        return field(
                5,
                out -> {
                    out.writeUInt64(1, id);
                    out.writeInt64(2, nameString);
                    out.writeInt64(4, fileString);
                });
    }

    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(bytes.toByteArray());
        for (String string : strings) {
            all.writeBytes(message(out -> out.writeString(6, string)));
        }
        return all.toByteArray();
    }

    public static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    /** CPU of three functions, 60/30/10, as Go writes it. */
    public static PprofWriter cpu(long timeNanos) {
        return new PprofWriter()
                .sampleType("samples", "count")
                .sampleType("cpu", "nanoseconds")
                .period("cpu", "nanoseconds", 10_000_000)
                .time(timeNanos, 10_000_000_000L)
                .sample(new long[] {2, 1}, 60, 600_000_000)
                .sample(new long[] {3, 1}, 30, 300_000_000)
                .sample(new long[] {4, 3, 1}, 10, 100_000_000)
                .mapping(1, 0x400000, 0, "/usr/bin/app", "abcdef")
                .location(1, 1, 0x401000, 1)
                .location(2, 1, 0x402000, 2)
                .location(3, 1, 0x403000, 4, 3)
                .location(4, 1, 0x404000)
                .function(1, "main.main", "/src/main.go")
                .function(2, "main.hot", "/src/main.go")
                .function(3, "main.warm", "/src/main.go")
                .function(4, "main.inlined", "/src/main.go");
    }
}
