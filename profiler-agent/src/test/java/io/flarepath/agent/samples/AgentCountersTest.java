package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgentCountersTest {
    private final MetricRegistry registry = new MetricRegistry();
    private final AgentCounters counters = new AgentCounters(registry);

    @Test
    void stacksAreCountedByEndAndByService() {
        counters.countStack("shop", "");
        counters.countStack("shop", "");
        counters.countStack("shop", "[too deep]");
        counters.countStack("bank", "");
        assertThat(registry.counters())
                .containsEntry("stacks_total{end=\"complete\"}", 3L)
                .containsEntry("stacks_total{end=\"too deep\"}", 1L)
                .containsEntry(of("shop", "complete"), 2L)
                .containsEntry(of("shop", "incomplete"), 1L)
                .containsEntry(of("bank", "complete"), 1L)
                .containsEntry(of("bank", "incomplete"), 0L);
    }

    @Test
    void aThousandServicesHaveABoundedNumberOfCounters() {
        for (int i = 0; i < 1000; i++) {
            counters.countStack("s" + i, i % 2 == 0 ? "" : "[too deep]");
        }
        counters.countStack("s0", "");
        Map<String, Long> all = registry.counters();
        assertThat(all.keySet().stream().filter(name -> name.startsWith("service_stacks_total")))
                .hasSize(2 * (AgentCounters.MOST_SERVICES + 1));
        assertThat(all).containsEntry(of("s0", "complete"), 2L);
        long rest = 1000 - AgentCounters.MOST_SERVICES;
        assertThat(
                        all.getOrDefault(of("other", "complete"), 0L)
                                + all.getOrDefault(of("other", "incomplete"), 0L))
                .isEqualTo(rest);
    }

    private static String of(String service, String end) {
        return "service_stacks_total{service_name=\"" + service + "\",end=\"" + end + "\"}";
    }
}
