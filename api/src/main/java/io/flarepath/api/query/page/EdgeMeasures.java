package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Gauge;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MetricSeries;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is known of TCP and UDP between some ends, by step. */
final class EdgeMeasures {
    /** Numbers of each step that an answer has. */
    static final int FIELDS = Counted.values().length + 4;

    private static final String ACTIVE = "flarepath.tcp.connections.active";

    private static final double[] PARTS = {0.5, 0.9, 0.99};
    private static final String[] PART_NAMES = {"p50", "p90", "p99"};

    /**
     * What is counted: its name in answers, the metric that tells it, and its direction, or whether
     * it was seen into.
     */
    enum Counted {
        BYTES_SENT("bytesSent", "flarepath.tcp.io", "transmit"),
        BYTES_RECEIVED("bytesReceived", "flarepath.tcp.io", "receive"),
        PACKETS_SENT("packetsSent", "flarepath.tcp.packets", "transmit"),
        PACKETS_RECEIVED("packetsReceived", "flarepath.tcp.packets", "receive"),
        CONNECTS("connects", "flarepath.tcp.connects", ""),
        CONNECT_FAILURES("connectFailures", "flarepath.tcp.connect.failures", ""),
        RETRANSMITS("retransmits", "flarepath.tcp.retransmits", ""),
        RESETS_SENT("resetsSent", "flarepath.tcp.resets", "transmit"),
        RESETS_RECEIVED("resetsReceived", "flarepath.tcp.resets", "receive"),
        DROPS("drops", "flarepath.tcp.drops", ""),
        ZERO_WINDOWS("zeroWindows", "flarepath.tcp.zero_windows", ""),
        ACCEPT_OVERFLOWS("acceptOverflows", "flarepath.tcp.accept.overflows", ""),
        TLS_READ("tlsRead", "flarepath.tcp.tls.connections", "read"),
        TLS_UNSEEN("tlsUnseen", "flarepath.tcp.tls.connections", "unseen"),
        DATAGRAM_BYTES_SENT("datagramBytesSent", "flarepath.udp.io", "transmit"),
        DATAGRAM_BYTES_RECEIVED("datagramBytesReceived", "flarepath.udp.io", "receive");

        private final String field;
        private final String metric;
        private final String direction;

        Counted(String field, String metric, String direction) {
            this.field = field;
            this.metric = metric;
            this.direction = direction;
        }

        private boolean isOf(String name, String way) {
            return metric.equals(name) && direction.equals(way);
        }
    }

    private enum Timed {
        CONNECT("connect", "flarepath.tcp.connect.duration"),
        ROUND_TRIP("rtt", "flarepath.tcp.rtt");

        private final String field;
        private final String metric;

        Timed(String field, String metric) {
            this.field = field;
            this.metric = metric;
        }
    }

    private final Map<Counted, TreeMap<Long, Long>> counts = new EnumMap<>(Counted.class);
    private final Map<Counted, TreeMap<String, Long>> reasons = new EnumMap<>(Counted.class);
    private final Map<Timed, TreeMap<Long, Measure>> times = new EnumMap<>(Timed.class);

    /** Sums of how many were open, whenever that was looked at: once a slot and edge. */
    private final TreeMap<Long, Amount> active = new TreeMap<>();

    /** The names of all metrics that are told here, each once. */
    static Set<String> metrics() {
        Set<String> names = new LinkedHashSet<>(List.of(ACTIVE));
        for (Counted counted : Counted.values()) {
            names.add(counted.metric);
        }
        for (Timed timed : Timed.values()) {
            names.add(timed.metric);
        }
        return names;
    }

    /** Adds a series of a metric; one that is not of TCP or UDP changes nothing. */
    void add(MetricSeries series) {
        String name = series.metric().name();
        String way =
                NetworkMetrics.label(series, NetworkMetrics.DIRECTION)
                        + NetworkMetrics.label(series, NetworkMetrics.TLS);
        String why =
                NetworkMetrics.label(series, NetworkMetrics.ERROR)
                        + NetworkMetrics.label(series, NetworkMetrics.REASON);
        series.steps()
                .forEach((at, measure) -> {
                    switch (measure) {
                        case Amount amount -> count(name, way, why, at, amount.whole());
                        case Histogram histogram -> time(name, at, histogram);
                        case Gauge gauge -> {
                            if (name.equals(ACTIVE)) {
                                active.merge(at, gauge.sum(), Amount::plus);
                            }
                        }
                    }
                });
    }

    private void count(String name, String way, String why, long at, long amount) {
        for (Counted counted : Counted.values()) {
            if (counted.isOf(name, way)) {
                counts.computeIfAbsent(counted, absent -> new TreeMap<>())
                        .merge(at, amount, Long::sum);
                if (!why.isEmpty()) {
                    reasons.computeIfAbsent(counted, absent -> new TreeMap<>())
                            .merge(why, amount, Long::sum);
                }
            }
        }
    }

    private void time(String name, long at, Histogram histogram) {
        for (Timed timed : Timed.values()) {
            if (timed.metric.equals(name)) {
                times.computeIfAbsent(timed, absent -> new TreeMap<>())
                        .merge(at, histogram, Measure::plus);
            }
        }
    }

    /** Adds what is known between other ends. */
    void add(EdgeMeasures other) {
        other.counts.forEach((counted, values) -> {
            TreeMap<Long, Long> all = counts.computeIfAbsent(counted, absent -> new TreeMap<>());
            values.forEach((at, value) -> all.merge(at, value, Long::sum));
        });
        other.reasons.forEach((counted, values) -> {
            TreeMap<String, Long> all = reasons.computeIfAbsent(counted, absent -> new TreeMap<>());
            values.forEach((why, value) -> all.merge(why, value, Long::sum));
        });
        other.times.forEach((timed, values) -> {
            TreeMap<Long, Measure> all = times.computeIfAbsent(timed, absent -> new TreeMap<>());
            values.forEach((at, value) -> all.merge(at, value, Measure::plus));
        });
        other.active.forEach((at, open) -> active.merge(at, open, Amount::plus));
    }

    /** How much of something there was in all. */
    long total(Counted counted) {
        return counts.getOrDefault(counted, new TreeMap<>()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Bytes both ways, of TCP and UDP. */
    long bytes() {
        return total(Counted.BYTES_SENT)
                + total(Counted.BYTES_RECEIVED)
                + total(Counted.DATAGRAM_BYTES_SENT)
                + total(Counted.DATAGRAM_BYTES_RECEIVED);
    }

    /**
     * Writes the totals as fields of an object.
     *
     * @param slots of the range, for the mean of what is open
     */
    void write(JsonGenerator json, long slots) throws IOException {
        for (Counted counted : Counted.values()) {
            json.writeNumberField(counted.field, total(counted));
        }
        Amount open = active.values().stream().reduce(Amount.ZERO, Amount::plus);
        json.writeNumberField("active", slots == 0 ? 0 : open.toDouble() / slots);
        json.writeObjectFieldStart("reasons");
        for (Map.Entry<Counted, TreeMap<String, Long>> entry : reasons.entrySet()) {
            json.writeObjectFieldStart(entry.getKey().field);
            for (Map.Entry<String, Long> reason : entry.getValue().entrySet()) {
                json.writeNumberField(reason.getKey(), reason.getValue());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
        for (Timed timed : Timed.values()) {
            Measure all = steps(timed).values().stream().reduce(Measure::plus).orElse(null);
            json.writeObjectFieldStart(timed.field);
            json.writeNumberField("count", all instanceof Histogram some ? some.count() : 0);
            for (int i = 0; i < PARTS.length; i++) {
                json.writeFieldName(PART_NAMES[i]);
                Fields.quantile(json, all, PARTS[i]);
            }
            json.writeEndObject();
        }
    }

    private Map<Long, Measure> steps(Timed timed) {
        return times.getOrDefault(timed, new TreeMap<>());
    }

    /** Writes what there was in each step as an object of equally long lists. */
    void writeSteps(JsonGenerator json, MetricSteps steps) throws IOException {
        json.writeStartObject();
        for (Counted counted : Counted.values()) {
            TreeMap<Long, Long> values = counts.getOrDefault(counted, new TreeMap<>());
            json.writeArrayFieldStart(counted.field);
            for (int i = 0; i < steps.points(); i++) {
                json.writeNumber(values.getOrDefault(steps.at(i), 0L));
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("active");
        for (int i = 0; i < steps.points(); i++) {
            Amount open = active.getOrDefault(steps.at(i), Amount.ZERO);
            long slots = steps.slots(i);
            json.writeNumber(slots == 0 ? 0 : open.toDouble() / slots);
        }
        json.writeEndArray();
        parts(json, "connectP99", Timed.CONNECT, 0.99, steps);
        parts(json, "rttP50", Timed.ROUND_TRIP, 0.5, steps);
        parts(json, "rttP99", Timed.ROUND_TRIP, 0.99, steps);
        json.writeEndObject();
    }

    private void parts(
            JsonGenerator json, String field, Timed timed, double part, MetricSteps steps)
            throws IOException {
        Map<Long, Measure> values = steps(timed);
        json.writeArrayFieldStart(field);
        for (int i = 0; i < steps.points(); i++) {
            @Nullable Measure measure = values.get(steps.at(i));
            Fields.quantile(json, measure, part);
        }
        json.writeEndArray();
    }
}
