/** Trees of names, truncated as Pyroscope truncates, in the forms that its clients read. */
@NullMarked
package io.flarepath.api.query.flamebearer;

import org.jspecify.annotations.NullMarked;
