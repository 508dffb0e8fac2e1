package io.flarepath.agent.budget;

import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says of the points of a window in which requests were read of some connections only that it was
 * so: their counts are not those of all requests.
 */
public final class SampledPoints implements PointSource {
    /** Attribute of such points. */
    public static final String SAMPLED = "flarepath.sampled";

    private final PointSource requests;
    private final BooleanSupplier sampled;

    /**
     * @param requests whose points are of requests
     * @param sampled asked once a window: whether it was so since the last time
     */
    public SampledPoints(PointSource requests, BooleanSupplier sampled) {
        this.requests = requests;
        this.sampled = sampled;
    }

    @Override
    public List<MetricPoint> take() {
        List<MetricPoint> points = requests.take();
        return sampled.getAsBoolean()
                ? points.stream().map(SampledPoints::marked).toList()
                : points;
    }

    private static MetricPoint marked(MetricPoint point) {
        Map<String, String> attributes = new TreeMap<>(point.attributes());
        attributes.put(SAMPLED, "true");
        return new MetricPoint(
                point.pid(),
                point.name(),
                point.kind(),
                point.unit(),
                attributes,
                point.count(),
                point.histogram());
    }

    @Override
    public @Nullable SortedMap<String, String> resource(int pid) {
        return requests.resource(pid);
    }
}
