/** What all query routes stand on: parameters, limits, the choice of a profiler, JSON answers. */
@NullMarked
package io.flarepath.api.query.request;

import org.jspecify.annotations.NullMarked;
