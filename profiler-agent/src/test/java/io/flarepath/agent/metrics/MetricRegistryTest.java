package io.flarepath.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricRegistryTest {
    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void rendersPrometheusText() {
        registry.counter("samples_total", "Samples.\nAll\\of them.").add(3);
        registry.counter("dropped_total", "Drops.", "reason", "a\"b\\c\nd", "kind", "x")
                .increment();
        registry.counter("dropped_total", "Drops.", "reason", "full", "kind", "x");
        registry.gauge("load", "Load.", () -> 0.25);
        registry.gauge("nothing", "Not a number.", () -> Double.NaN);
        registry.counter("lost_total", "Lost.", () -> 7L);
        assertThat(registry.prometheusText())
                .isEqualTo(
                        """
                        # HELP flarepath_agent_dropped_total Drops.
                        # TYPE flarepath_agent_dropped_total counter
                        flarepath_agent_dropped_total{reason="a\\"b\\\\c\\nd",kind="x"} 1
                        flarepath_agent_dropped_total{reason="full",kind="x"} 0
                        # HELP flarepath_agent_load Load.
                        # TYPE flarepath_agent_load gauge
                        flarepath_agent_load 0.25
                        # HELP flarepath_agent_lost_total Lost.
                        # TYPE flarepath_agent_lost_total counter
                        flarepath_agent_lost_total 7
                        # HELP flarepath_agent_nothing Not a number.
                        # TYPE flarepath_agent_nothing gauge
                        flarepath_agent_nothing NaN
                        # HELP flarepath_agent_samples_total Samples.\\nAll\\\\of them.
                        # TYPE flarepath_agent_samples_total counter
                        flarepath_agent_samples_total 3
                        """);
    }

    @Test
    void theSameCounterIsGivenTwice() {
        registry.counter("a_total", "A.", "k", "v").add(1);
        registry.counter("a_total", "A.", "k", "v").add(2);
        registry.gauge("g", "G.", () -> 1);
        assertThat(registry.counters()).isEqualTo(Map.of("a_total{k=\"v\"}", 3L));
    }

    @Test
    void misuseIsRefused() {
        registry.counter("a_total", "A.");
        assertThatThrownBy(() -> registry.gauge("a_total", "A.", () -> 1))
                .hasMessageContaining("both a counter and a gauge");
        assertThatThrownBy(() -> registry.counter("a-b", "A.")).hasMessageContaining("a-b");
        assertThatThrownBy(() -> registry.counter("b", "A.", "x")).hasMessageContaining("no value");
        assertThatThrownBy(() -> registry.counter("a_total", "A.").add(-1))
                .hasMessageContaining("-1");
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                registry.counter("many_total", "M.", "i", Integer.toString(i));
                            }
                        })
                .hasMessageContaining("limit of 200");
    }

    @Test
    void theProcessShowsItsCost() {
        ProcessMetrics.register(registry);
        assertThat(registry.prometheusText())
                .containsPattern("process_resident_memory_bytes [1-9][0-9]{6}")
                .containsPattern("heap_used_bytes [1-9]")
                .containsPattern("process_cpu_seconds [0-9]")
                .contains("flarepath_agent_uptime_seconds ");
    }
}
