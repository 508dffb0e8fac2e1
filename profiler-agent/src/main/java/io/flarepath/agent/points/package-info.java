/**
 * What was measured of services and of the network in one window, whoever measured it: points with
 * OpenTelemetry's names and attributes, first by process, then by resource.
 */
@NullMarked
package io.flarepath.agent.points;

import org.jspecify.annotations.NullMarked;
