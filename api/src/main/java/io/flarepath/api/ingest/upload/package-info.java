/**
 * What every upload goes through whatever its protocol: inflating, memory, labels, times, storing.
 */
@NullMarked
package io.flarepath.api.ingest.upload;

import org.jspecify.annotations.NullMarked;
