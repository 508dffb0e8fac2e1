@NullMarked
package io.flarepath.api.ingest.upload;

import org.jspecify.annotations.NullMarked;
