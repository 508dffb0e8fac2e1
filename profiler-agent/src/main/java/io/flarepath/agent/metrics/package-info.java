/** The agent's own counters and gauges, and the address where Prometheus reads them. */
@NullMarked
package io.flarepath.agent.metrics;

import org.jspecify.annotations.NullMarked;
