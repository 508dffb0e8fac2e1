@NullMarked
package io.flarepath.api.ingest.pyroscope;

import org.jspecify.annotations.NullMarked;
