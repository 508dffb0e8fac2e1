package io.flarepath.agent.network;

import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointSource;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.NetworkEdges;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds what the kernel sums up of TCP and UDP to the points of another source, so that both have
 * the same windows.
 */
public final class NetworkWatch implements PointSource {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);

    private final PointSource requests;
    private final NetworkEdges edges;
    private final SortedMap<String, String> machine;
    private final IntConsumer expect;

    /**
     * @param requests whose points come first, and whose word on a process holds
     * @param edges stays the caller's to close
     * @param machine resource of what belongs to no process
     * @param expect told of processes that the other source may not know yet
     */
    public NetworkWatch(
            PointSource requests,
            NetworkEdges edges,
            SortedMap<String, String> machine,
            IntConsumer expect) {
        this.requests = requests;
        this.edges = edges;
        this.machine = machine;
        this.expect = expect;
    }

    @Override
    public List<MetricPoint> take() {
        List<MetricPoint> points = new ArrayList<>(requests.take());
        try {
            List<MetricPoint> ofEdges = EdgePoints.of(edges.take());
            // All at once, since the answers take a while.
            ofEdges.stream()
                    .mapToInt(MetricPoint::pid)
                    .filter(pid -> pid != 0)
                    .distinct()
                    .forEach(expect);
            points.addAll(ofEdges);
        } catch (BpfException e) {
            // The kernel keeps the sums: they are in the next window.
            LOG.warn("the sums of the network cannot be read: {}", e.toString());
        }
        return points;
    }

    @Override
    public @Nullable SortedMap<String, String> resource(int pid) {
        if (pid == 0) {
            return machine;
        }
        return requests.resource(pid);
    }
}
