/** Uploads over real HTTP. */
@NullMarked
package io.flarepath.api.ingest;

import org.jspecify.annotations.NullMarked;
