/**
 * How a process is named: pure functions from its cgroup paths, environment, command line and
 * executable to OpenTelemetry resource attributes.
 */
@NullMarked
package io.flarepath.agent.processes.labels;

import org.jspecify.annotations.NullMarked;
