/** The page's own interface, /api/v1: small JSON answers, and flame graphs in columns. */
@NullMarked
package io.flarepath.api.query.page;

import org.jspecify.annotations.NullMarked;
