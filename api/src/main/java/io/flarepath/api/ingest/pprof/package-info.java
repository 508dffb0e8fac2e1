/**
 * pprof (google/pprof, {@code profile.proto}) into profiles: one a sample type. Sample labels are
 * not labels of series; they are left out and counted.
 */
@NullMarked
package io.flarepath.api.ingest.pprof;

import org.jspecify.annotations.NullMarked;
