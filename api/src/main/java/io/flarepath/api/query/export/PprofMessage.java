package io.flarepath.api.query.export;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.message.ProtoMessage;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree as a pprof (google/pprof, proto/profile.proto): one sample type, one sample for each stack
 * that has a value of its own. Best from a tree that tells lines apart.
 */
public final class PprofMessage {
    private final FlameTree tree;
    private final ProfileType type;
    private final TimeRange range;
    private final FrameTable frames;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, Integer> strings = new LinkedHashMap<>(Map.of("", 0));
    private final Map<Function, Integer> functions = new LinkedHashMap<>();
    private final Map<Mapping, Integer> mappings = new LinkedHashMap<>();
    private final List<Location> locations = new ArrayList<>();

    private record Sample(long[] locations, long value) {}

    private record Function(int name, int file, int startLine) {}

    private record Mapping(int file, int buildId) {}

    private record Line(int function, int line) {}

    private record Location(int mapping, long address, List<Line> lines) {}

    private PprofMessage(FlameTree tree, ProfileType type, TimeRange range, Pgo pgo) {
        this.tree = tree;
        this.type = type;
        this.range = range;
        this.frames = new FrameTable(tree);
        if (pgo.equals(Pgo.NOTHING_LEFT_OUT)) {
            for (int node = 0; node < tree.size(); node++) {
                if (tree.self(node) > 0) {
                    samples.add(new Sample(frames.stack(node), tree.self(node)));
                }
            }
        } else {
            addShortened(pgo);
        }
        frames.locations().forEach(lines -> locations.add(location(lines)));
    }

    private void addShortened(Pgo pgo) {
        Map<List<Long>, Long> sums = new LinkedHashMap<>();
        for (int node = 0; node < tree.size(); node++) {
            if (tree.self(node) == 0) {
                continue;
            }
            long[] stack = frames.stack(node);
            if (pgo.keepLocations() > 0 && stack.length > pgo.keepLocations()) {
                stack = Arrays.copyOf(stack, pgo.keepLocations());
            }
            if (pgo.aggregateCallees() && stack.length > 0) {
                stack[0] = frames.withoutLine((int) stack[0]);
            }
            sums.merge(Arrays.stream(stack).boxed().toList(), tree.self(node), Long::sum);
        }
        sums.forEach((stack, value) ->
                samples.add(
                        new Sample(stack.stream().mapToLong(Long::longValue).toArray(), value)));
    }

    /** The message. */
    public static MessageWriter.Part of(
            FlameTree tree, ProfileType type, TimeRange range, Pgo pgo) {
        return new PprofMessage(tree, type, range, pgo)::write;
    }

    /** The file, compressed, as tools read it. */
    public static byte[] file(FlameTree tree, ProfileType type, TimeRange range, Pgo pgo)
            throws IOException {
        return JsonAnswer.compress(ProtoMessage.encode(of(tree, type, range, pgo)));
    }

    private Location location(List<Frame> lines) {
        Frame outermost = lines.getLast();
        List<Line> numbered = new ArrayList<>(lines.size());
        for (Frame frame : lines) {
            Function function =
                    new Function(string(frame.function()), string(frame.file()), frame.startLine());
            numbered.add(new Line(number(functions, function), frame.line()));
        }
        int mapping =
                outermost.mapping().isEmpty() && outermost.buildId().isEmpty()
                        ? 0
                        : number(
                                mappings,
                                new Mapping(
                                        string(outermost.mapping()), string(outermost.buildId())));
        return new Location(mapping, outermost.address(), numbered);
    }

    private static <T> int number(Map<T, Integer> numbers, T thing) {
        Integer known = numbers.putIfAbsent(thing, numbers.size() + 1);
        return known == null ? numbers.size() : known;
    }

    private int string(String text) {
        Integer known = strings.putIfAbsent(text, strings.size());
        return known == null ? strings.size() - 1 : known;
    }

    private void write(MessageWriter out) throws IOException {
        int sampleType = string(type.sampleType());
        int sampleUnit = string(type.sampleUnit());
        int periodType = string(type.periodType());
        int periodUnit = string(type.periodUnit());
        out.messages(1, "sampleType", List.of(valueType(sampleType, sampleUnit)));
        out.messages(2, "sample", samples, PprofMessage::write);
        out.messages(3, "mapping", mappings.entrySet(), PprofMessage::write);
        int[] next = {0};
        out.messages(
                4, "location", locations, (location, inner) -> write(++next[0], location, inner));
        out.messages(5, "function", functions.entrySet(), PprofMessage::writeFunction);
        out.strings(6, "stringTable", strings.keySet());
        out.int64(9, "timeNanos", range.untilNanos());
        out.int64(10, "durationNanos", range.untilNanos() - range.fromNanos());
        if (periodType > 0 || periodUnit > 0) {
            out.message(11, "periodType", valueType(periodType, periodUnit));
        }
        out.int64(12, "period", period());
        out.int64(14, "defaultSampleType", sampleType);
    }

    /** The value of one sample, where the type is one of a sampler's and all had the same. */
    private long period() {
        long count = tree.samples();
        boolean own =
                type.sampleType().equals(type.periodType())
                        && type.sampleUnit().equals(type.periodUnit());
        return own && count > 0 ? Math.round((double) tree.total(0) / count) : 0;
    }

    private static MessageWriter.Part valueType(int name, int unit) {
        return out -> {
            out.int64(1, "type", name);
            out.int64(2, "unit", unit);
        };
    }

    private static void write(Sample sample, MessageWriter out) throws IOException {
        out.int64s(1, "locationId", sample.locations());
        out.int64s(2, "value", new long[] {sample.value()});
    }

    private static void write(Map.Entry<Mapping, Integer> mapping, MessageWriter out)
            throws IOException {
        out.int64(1, "id", mapping.getValue());
        out.int64(5, "filename", mapping.getKey().file());
        out.int64(6, "buildId", mapping.getKey().buildId());
        // What has no name here has none anywhere else: tools need not look for the file.
        out.bool(7, "hasFunctions", true);
        out.bool(8, "hasFilenames", true);
        out.bool(9, "hasLineNumbers", true);
        out.bool(10, "hasInlineFrames", true);
    }

    private static void write(int id, Location location, MessageWriter out) throws IOException {
        out.int64(1, "id", id);
        out.int64(2, "mappingId", location.mapping());
        out.int64(3, "address", location.address());
        out.messages(
                4,
                "line",
                location.lines(),
                (line, inner) -> {
                    inner.int64(1, "functionId", line.function());
                    inner.int64(2, "line", line.line());
                });
    }

    private static void writeFunction(Map.Entry<Function, Integer> function, MessageWriter out)
            throws IOException {
        out.int64(1, "id", function.getValue());
        out.int64(2, "name", function.getKey().name());
        out.int64(3, "systemName", function.getKey().name());
        out.int64(4, "filename", function.getKey().file());
        out.int64(5, "startLine", function.getKey().startLine());
    }
}
