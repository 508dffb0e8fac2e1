/** The call log: single requests between services, packed into blocks, and how they are found. */
@NullMarked
package io.flarepath.store.call;

import org.jspecify.annotations.NullMarked;
