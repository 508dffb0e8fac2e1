/** Pyroscope's {@code POST /ingest}: names, times, formats, multipart bodies, folded stacks. */
@NullMarked
package io.flarepath.api.ingest.pyroscope;

import org.jspecify.annotations.NullMarked;
