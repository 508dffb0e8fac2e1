@NullMarked
package io.flarepath.store.metric;

import org.jspecify.annotations.NullMarked;
