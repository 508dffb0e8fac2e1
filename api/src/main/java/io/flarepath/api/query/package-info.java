/**
 * Requests that read: the page's, Pyroscope's and Connect's. Each form has a package of its own;
 * {@link io.flarepath.api.query.QueryRoutes} puts them on a router.
 */
@NullMarked
package io.flarepath.api.query;

import org.jspecify.annotations.NullMarked;
