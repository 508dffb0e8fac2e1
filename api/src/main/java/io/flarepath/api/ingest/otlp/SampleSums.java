package io.flarepath.api.ingest.otlp;

import static java.util.Objects.requireNonNull;

import io.flarepath.api.ingest.upload.Dropped;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.SampleLabels;
import io.flarepath.api.ingest.upload.SpanKey;
import io.flarepath.api.ingest.upload.SpanParts;
import io.flarepath.api.ingest.upload.TimedParts;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.SampledThread;
import io.opentelemetry.proto.profiles.v1development.KeyValueAndUnit;
import io.opentelemetry.proto.profiles.v1development.Link;
import io.opentelemetry.proto.profiles.v1development.Profile;
import io.opentelemetry.proto.profiles.v1development.Sample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Adds up the samples of one profile by the series that their attributes name, span and stack. */
final class SampleSums {
    private static final int BYTES_A_SET = 400;
    private static final int BYTES_A_SUM = 80;
    private static final int TRACE_BYTES = 16;
    private static final int SPAN_BYTES = 8;

    private final OtlpDictionary dictionary;
    private final Dropped dropped;
    private final UploadMemory memory;
    private final TimedParts.Room room;
    private final Map<List<Integer>, AttributeSet> sets = new HashMap<>();
    private final Map<SampledThread, Integer> threadNumbers = new HashMap<>();
    private final List<SampledThread> threads = new ArrayList<>();

    private SampleSums(
            OtlpDictionary dictionary, Dropped dropped, TimedParts.Room room, UploadMemory memory) {
        this.room = room;
        this.dictionary = dictionary;
        this.dropped = dropped;
        this.memory = memory;
    }

    /** What samples with the same attributes have in common. */
    private static final class AttributeSet {
        private final Map<String, String> labels;

        /** Number of the thread that they name, below 0 before it is asked for. */
        private int thread = -1;

        private AttributeSet(Map<String, String> labels) {
            this.labels = labels;
        }
    }

    /**
     * What goes into one series.
     *
     * @param labels of the series
     * @param values by stack
     * @param spans what of it is of single spans
     * @param times when samples of it were taken
     * @param threads by the numbers that the times name
     */
    record Group(
            Labels labels,
            Map<Integer, Long> values,
            SpanParts<Long> spans,
            TimedParts<Long> times,
            List<SampledThread> threads) {
        /** The id of the upload, which all series of a profile share, for this one. */
        String id(String ofProfile, Labels ofOthers) {
            return ofProfile.isEmpty() || labels.equals(ofOthers) ? ofProfile : ofProfile + labels;
        }
    }

    static Collection<Group> of(
            Profile profile,
            OtlpType type,
            OtlpDictionary dictionary,
            Labels series,
            LabelRules rules,
            Dropped dropped,
            TimedParts.Room room,
            UploadMemory memory) {
        return new SampleSums(dictionary, dropped, room, memory)
                .groups(profile, type, series, rules);
    }

    private Collection<Group> groups(
            Profile profile, OtlpType type, Labels series, LabelRules rules) {
        for (Sample sample : profile.getSamplesList()) {
            check(sample);
            if (!sets.containsKey(sample.getAttributeIndicesList())) {
                memory.charge(BYTES_A_SET);
                sets.put(
                        List.copyOf(sample.getAttributeIndicesList()),
                        new AttributeSet(attributes(sample.getAttributeIndicesList())));
            }
        }
        SampleLabels labels =
                new SampleLabels(
                        series,
                        sets.values().stream().map(set -> set.labels).toList(),
                        rules,
                        dropped);
        Map<Labels, Group> groups = new LinkedHashMap<>();
        for (Sample sample : profile.getSamplesList()) {
            long value = value(sample, type.factor());
            if (value < 0) {
                dropped.count("negative-value", 1);
            } else if (value > 0) {
                add(sample, value, type.factor(), labels, groups);
            }
        }
        return groups.values();
    }

    private void check(Sample sample) {
        OtlpDictionary.has(
                sample.getStackIndex(), dictionary.tables().getStackTableCount(), "stack_table");
        OtlpDictionary.has(
                sample.getLinkIndex(), dictionary.tables().getLinkTableCount(), "link_table");
        for (int i = 0; i < sample.getAttributeIndicesCount(); i++) {
            OtlpDictionary.has(
                    sample.getAttributeIndices(i),
                    dictionary.tables().getAttributeTableCount(),
                    "attribute_table");
        }
    }

    private void add(
            Sample sample,
            long value,
            long factor,
            SampleLabels labels,
            Map<Labels, Group> groups) {
        AttributeSet set = requireNonNull(sets.get(sample.getAttributeIndicesList()));
        Group group =
                groups.computeIfAbsent(
                        labels.of(set.labels, 1),
                        key ->
                                new Group(
                                        key,
                                        new HashMap<>(),
                                        new SpanParts<>(),
                                        new TimedParts<>(),
                                        threads));
        memory.charge(BYTES_A_SUM);
        group.values().merge(sample.getStackIndex(), value, SampleSums::sum);
        SpanKey linked = link(sample.getLinkIndex());
        group.spans()
                .add(
                        linked.span() == 0 ? SpanKey.of(set.labels) : linked,
                        sample.getStackIndex(),
                        value,
                        SampleSums::sum,
                        memory);
        if (sample.getTimestampsUnixNanoCount() > 0) {
            times(sample, value, factor, thread(set), group.times());
        }
    }

    /**
     * A value for each time; where there are not as many, all of it is spread over them evenly
     * (profiles.proto, message Sample).
     */
    private void times(Sample sample, long value, long factor, int thread, TimedParts<Long> times) {
        int count = sample.getTimestampsUnixNanoCount();
        boolean own = sample.getValuesCount() == count;
        for (int i = 0; i < count; i++) {
            long part =
                    own
                            ? sample.getValues(i) * factor
                            : value / count + (i < value % count ? 1 : 0);
            if (part > 0) {
                times.add(
                        sample.getTimestampsUnixNano(i),
                        thread,
                        sample.getStackIndex(),
                        part,
                        SampleSums::sum,
                        room,
                        memory);
            }
        }
    }

    private int thread(AttributeSet set) {
        if (set.thread < 0) {
            set.thread = numberOfThread(set.labels);
        }
        return set.thread;
    }

    private int numberOfThread(Map<String, String> labels) {
        String id = labels.getOrDefault("thread.id", "");
        long number = id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
        SampledThread thread = new SampledThread(number, labels.getOrDefault("thread.name", ""));
        Integer known = threadNumbers.get(thread);
        if (known == null) {
            memory.charge(BYTES_A_SET);
            known = threads.size();
            threads.add(thread);
            threadNumbers.put(thread, known);
        }
        return known;
    }

    private Map<String, String> attributes(List<Integer> indices) {
        Map<String, String> attributes = new TreeMap<>();
        for (int index : indices) {
            if (index != 0) {
                KeyValueAndUnit attribute = dictionary.tables().getAttributeTable(index);
                attributes.put(
                        dictionary.string(attribute.getKeyStrindex()),
                        dictionary.text(attribute.getValue()));
            }
        }
        ResourceLabels.shorten(attributes);
        return attributes;
    }

    /** The span of a link; none where its ids are not as long as they must be, or 0. */
    private SpanKey link(int index) {
        if (index == 0) {
            return SpanKey.NONE;
        }
        Link link = dictionary.tables().getLinkTable(index);
        if (link.getSpanId().size() != SPAN_BYTES) {
            return SpanKey.NONE;
        }
        long span = link.getSpanId().asReadOnlyByteBuffer().getLong();
        if (link.getTraceId().size() != TRACE_BYTES) {
            return new SpanKey(span, 0, 0);
        }
        ByteBuffer trace = link.getTraceId().asReadOnlyByteBuffer();
        return new SpanKey(span, trace.getLong(), trace.getLong());
    }

    /** Without values each timestamp is one observation. */
    private static long value(Sample sample, long factor) {
        long sum = sample.getValuesCount() == 0 ? sample.getTimestampsUnixNanoCount() : 0;
        for (int i = 0; i < sample.getValuesCount(); i++) {
            if (sample.getValues(i) < 0) {
                return -1;
            }
            sum = sum(sum, sample.getValues(i));
        }
        try {
            return Math.multiplyExact(sum, factor);
        } catch (ArithmeticException e) {
            throw tooMuch();
        }
    }

    private static long sum(long a, long b) {
        try {
            return Math.addExact(a, b);
        } catch (ArithmeticException e) {
            throw tooMuch();
        }
    }

    private static ApiError tooMuch() {
        return ApiError.invalid("the values of a sample add up to more than 2^63");
    }
}
