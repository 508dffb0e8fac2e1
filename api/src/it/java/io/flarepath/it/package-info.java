/** Both processes, started by the launcher, seen from outside. */
@NullMarked
package io.flarepath.it;

import org.jspecify.annotations.NullMarked;
