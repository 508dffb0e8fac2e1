/**
 * Sends windows to a server: encodes them as OTLP profiles, metrics and spans, keeps them in a
 * bounded queue on disk, and uploads them until the server has acknowledged each.
 */
@NullMarked
package io.flarepath.agent.export;

import org.jspecify.annotations.NullMarked;
