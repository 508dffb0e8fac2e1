/** Pyroscope's querier.v1.QuerierService over Connect's unary protocol with JSON. */
@NullMarked
package io.flarepath.api.query.connect;

import org.jspecify.annotations.NullMarked;
