/**
 * Uploads in: each protocol decodes into profiles, checks them, and hands them to the store. {@link
 * io.flarepath.api.ingest.IngestRoutes} mounts them all.
 */
@NullMarked
package io.flarepath.api.ingest;

import org.jspecify.annotations.NullMarked;
