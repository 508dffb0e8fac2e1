@NullMarked
package io.flarepath.api.ingest.pprof;

import org.jspecify.annotations.NullMarked;
