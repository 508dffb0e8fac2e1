/** Metrics: what is measured of a series, and how it is added up. */
@NullMarked
package io.flarepath.store.metric;

import org.jspecify.annotations.NullMarked;
