/**
 * Single calls on their way to the server: spans with OpenTelemetry's names and attributes, by
 * resource.
 */
@NullMarked
package io.flarepath.agent.spans;

import org.jspecify.annotations.NullMarked;
