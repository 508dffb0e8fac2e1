@NullMarked
package io.flarepath.api.query.pyroscope;

import org.jspecify.annotations.NullMarked;
