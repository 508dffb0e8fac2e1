package io.flarepath.agent.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * All metrics of this agent, and those of the services that it sees. Names of its own are given
 * without the prefix {@code flarepath_agent_}; labels as name, value, name, value. Asking for the
 * same counter again gives the same counter.
 */
public final class MetricRegistry {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    /** Labels are for a handful of reasons each; more means that one of them is not bounded. */
    private static final int MOST_OF_A_NAME = 200;

    private final ConcurrentSkipListMap<String, Family> families = new ConcurrentSkipListMap<>();
    private final ServiceMetrics services = new ServiceMetrics();

    /** One name with its series by their rendered labels. */
    private record Family(
            String help, boolean counter, ConcurrentSkipListMap<String, Series> series) {}

    /**
     * One value. The counter is where the value is kept, or a placeholder for one kept elsewhere.
     */
    private record Series(Counter counter, DoubleSupplier value) {}

    /** A counter that is kept here; its name ends in {@code _total} by convention. */
    public Counter counter(String name, String help, String... labels) {
        Counter created = new Counter();
        return register(name, help, true, labels, new Series(created, created::value)).counter();
    }

    /** A counter that is kept elsewhere and read when it is shown. */
    public void counter(String name, String help, LongSupplier value, String... labels) {
        register(name, help, true, labels, new Series(new Counter(), value::getAsLong));
    }

    /** A number that may fall, read when it is shown. */
    public void gauge(String name, String help, DoubleSupplier value, String... labels) {
        register(name, help, false, labels, new Series(new Counter(), value));
    }

    /** What is shown of services and of the network, beside this agent's own metrics. */
    public ServiceMetrics services() {
        return services;
    }

    /** The counters by name and labels, without the prefix, for the heartbeat. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        families.forEach((name, family) -> {
            if (family.counter()) {
                family.series()
                        .forEach((labels, series) ->
                                counters.put(name + labels, (long) series.value().getAsDouble()));
            }
        });
        return counters;
    }

    /** All metrics in Prometheus' text format 0.0.4. */
    String prometheusText() {
        StringBuilder out = new StringBuilder(4096);
        families.forEach((name, family) -> {
            String full = "flarepath_agent_" + name;
            out.append("# HELP ").append(full).append(' ');
            out.append(escape(family.help(), false)).append('\n');
            out.append("# TYPE ").append(full);
            out.append(family.counter() ? " counter\n" : " gauge\n");
            family.series()
                    .forEach((labels, series) -> {
                        out.append(full).append(labels).append(' ');
                        append(out, series.value().getAsDouble());
                        out.append('\n');
                    });
        });
        services.appendTo(out);
        return out.toString();
    }

    private Series register(
            String name, String help, boolean counter, String[] labels, Series created) {
        checkName(name);
        Family family =
                families.computeIfAbsent(
                        name, n -> new Family(help, counter, new ConcurrentSkipListMap<>()));
        if (family.counter() != counter) {
            throw new IllegalArgumentException(name + " is both a counter and a gauge");
        }
        String key = render(labels);
        Series earlier = family.series().putIfAbsent(key, created);
        if (earlier == null && family.series().size() > MOST_OF_A_NAME) {
            family.series().remove(key);
            throw new IllegalStateException(
                    name + " has more label values than the limit of " + MOST_OF_A_NAME);
        }
        return earlier == null ? created : earlier;
    }

    private static void checkName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name of a metric or label: " + name);
        }
    }

    private static String render(String[] labels) {
        if (labels.length % 2 != 0) {
            throw new IllegalArgumentException("a label has no value");
        }
        if (labels.length == 0) {
            return "";
        }
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < labels.length; i += 2) {
            checkName(labels[i]);
            out.append(i == 0 ? "" : ",").append(labels[i]);
            out.append("=\"").append(escape(labels[i + 1], true)).append('"');
        }
        return out.append('}').toString();
    }

    /** Help escapes the backslash and the line feed, a label value the quote as well. */
    static String escape(String text, boolean label) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return label ? escaped.replace("\"", "\\\"") : escaped;
    }

    private static void append(StringBuilder out, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            out.append((long) value);
        } else if (Double.isInfinite(value)) {
            out.append(value > 0 ? "+Inf" : "-Inf");
        } else {
            out.append(value);
        }
    }
}
