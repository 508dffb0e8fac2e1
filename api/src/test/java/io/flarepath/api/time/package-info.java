@NullMarked
package io.flarepath.api.time;

import org.jspecify.annotations.NullMarked;
