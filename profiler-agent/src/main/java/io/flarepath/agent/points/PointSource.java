package io.flarepath.agent.points;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Sums up what it sees, window by window. Safe for several threads. */
public interface PointSource {
    /** Ends the window: gives all points since the one before. */
    List<MetricPoint> take();

    /** Resource attributes of the process of a point, or null where it is not to be told of. */
    @Nullable SortedMap<String, String> resource(int pid);
}
