/**
 * OpenTelemetry profiles ({@code v1development} of opentelemetry-proto 1.11.0-alpha), metrics and
 * traces, over HTTP and gRPC. The generated classes stay in this package: the format changes
 * between releases.
 */
@NullMarked
package io.flarepath.api.ingest.otlp;

import org.jspecify.annotations.NullMarked;
