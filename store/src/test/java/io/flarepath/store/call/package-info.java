/** Tests of the call log's values. */
@NullMarked
package io.flarepath.store.call;

import org.jspecify.annotations.NullMarked;
