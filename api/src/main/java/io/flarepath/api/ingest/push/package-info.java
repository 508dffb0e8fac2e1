/** Pyroscope's {@code push.v1.PusherService}: pprof by series, as Alloy and profilecli send it. */
@NullMarked
package io.flarepath.api.ingest.push;

import org.jspecify.annotations.NullMarked;
