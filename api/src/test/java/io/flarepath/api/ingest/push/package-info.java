@NullMarked
package io.flarepath.api.ingest.push;

import org.jspecify.annotations.NullMarked;
