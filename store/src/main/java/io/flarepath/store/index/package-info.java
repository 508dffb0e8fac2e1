/** Which series there are, what they are called, and in which windows they have profiles. */
@NullMarked
package io.flarepath.store.index;

import org.jspecify.annotations.NullMarked;
