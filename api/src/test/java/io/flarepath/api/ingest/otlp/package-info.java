@NullMarked
package io.flarepath.api.ingest.otlp;

import org.jspecify.annotations.NullMarked;
